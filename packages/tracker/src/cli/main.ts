import { runProgram } from '@atelier/cli';
import { Command } from 'commander';
import { compareCommand } from './compare.ts';
import { doctorCommand } from './doctor.ts';
import { exportCommand } from './export.ts';
import { importCommand } from './import.ts';
import { lsCommand } from './ls.ts';
import { queryCommand } from './query.ts';
import { registryCommand } from './registry.ts';
import { showCommand } from './show.ts';
import { sqlCommand } from './sql.ts';
import { tagCommand } from './tag.ts';
import { gcCommand, restoreCommand, rmCommand } from './trash.ts';

const program = new Command('tracker')
  .description('Look at recorded runs, compare them, and keep a registry of models.')
  .addCommand(lsCommand())
  .addCommand(showCommand())
  .addCommand(compareCommand())
  .addCommand(queryCommand())
  .addCommand(sqlCommand())
  .addCommand(tagCommand())
  .addCommand(rmCommand())
  .addCommand(restoreCommand())
  .addCommand(gcCommand())
  .addCommand(doctorCommand())
  .addCommand(exportCommand())
  .addCommand(importCommand())
  .addCommand(registryCommand());

void runProgram(program);
