import { Command } from 'commander';
import { dataCommand } from './data/data.ts';
import { engineCommand } from './engine/engine.ts';
import { exportCommand } from './interop/export.ts';
import { importCommand } from './interop/import.ts';
import { compareCommand } from './registry/compare.ts';
import { registryCommand } from './registry/registry.ts';
import { doctorCommand } from './runs/doctor.ts';
import { lsCommand } from './runs/ls.ts';
import { queryCommand } from './runs/query.ts';
import { showCommand } from './runs/show.ts';
import { sqlCommand } from './runs/sql.ts';
import { tagCommand } from './runs/tag.ts';
import { gcCommand, restoreCommand, rmCommand } from './runs/trash.ts';
import { serveCommand } from './serve/serve.ts';
import { sweepCommand } from './sweep/sweep.ts';
import { resumeCommandLine } from './train/resume.ts';
import { runCommand } from './train/run.ts';
import { speedrunCommand } from './train/speedrun.ts';

/** Every command of the house, in the order of `atelier --help`. */
export function atelier(): Command {
  return new Command('atelier')
    .description('Train, sweep, track, compare and promote image classifiers.')
    .commandsGroup('Train:')
    .addCommand(runCommand())
    .addCommand(resumeCommandLine())
    .addCommand(sweepCommand())
    .addCommand(speedrunCommand())
    .addCommand(dataCommand())
    .addCommand(engineCommand())
    .commandsGroup('Look:')
    .addCommand(serveCommand())
    .addCommand(lsCommand())
    .addCommand(showCommand())
    .addCommand(compareCommand())
    .addCommand(queryCommand())
    .addCommand(sqlCommand())
    .commandsGroup('Keep:')
    .addCommand(registryCommand())
    .addCommand(tagCommand())
    .addCommand(rmCommand())
    .addCommand(restoreCommand())
    .addCommand(gcCommand())
    .addCommand(doctorCommand())
    .addCommand(exportCommand())
    .addCommand(importCommand());
}
