import { atelier } from './program.ts';
import { runProgram } from './terminal/command.ts';

void runProgram(atelier());
