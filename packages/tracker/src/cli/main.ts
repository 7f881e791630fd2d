import { runProgram } from '@atelier/cli';
import { Command } from 'commander';
import { doctorCommand } from './doctor.ts';
import { lsCommand } from './ls.ts';
import { queryCommand } from './query.ts';
import { showCommand } from './show.ts';
import { sqlCommand } from './sql.ts';
import { tagCommand } from './tag.ts';
import { gcCommand, restoreCommand, rmCommand } from './trash.ts';

const program = new Command('tracker')
  .description('Look at recorded runs.')
  .addCommand(lsCommand())
  .addCommand(showCommand())
  .addCommand(queryCommand())
  .addCommand(sqlCommand())
  .addCommand(tagCommand())
  .addCommand(rmCommand())
  .addCommand(restoreCommand())
  .addCommand(gcCommand())
  .addCommand(doctorCommand());

await runProgram(program);
