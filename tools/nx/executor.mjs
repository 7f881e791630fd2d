import { foreground } from './foreground.mjs';

/** A command of the program where Nx runs the target itself (`nx run-many`): arguments as Nx left them, without a shell. */
export default async function command({ command, args }) {
  return { success: (await foreground([...command, ...args])) === 0 };
}
