import { runProgram } from '@atelier/cli';
import { Command } from 'commander';
import { conformanceCommand } from './conformance.ts';
import { doctorCommand } from './doctor.ts';
import { installOnednnCommand } from './install-onednn.ts';
import { installTensorflowCommand } from './install-tensorflow.ts';

void runProgram(
  new Command('engine')
    .description('The tensor engines: which open here, and how to get the others.')
    .addCommand(conformanceCommand())
    .addCommand(doctorCommand())
    .addCommand(installOnednnCommand())
    .addCommand(installTensorflowCommand()),
);
