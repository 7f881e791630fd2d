import { Command } from 'commander';
import { doctorCommand } from './doctor.ts';
import { installOnednnCommand } from './install-onednn.ts';
import { installTensorflowCommand } from './install-tensorflow.ts';

/** `engine` with its verbs. */
export function engineCommand(): Command {
  return new Command('engine')
    .description('The tensor engines: which open here, and how to get the others.')
    .addCommand(doctorCommand())
    .addCommand(installOnednnCommand())
    .addCommand(installTensorflowCommand());
}
