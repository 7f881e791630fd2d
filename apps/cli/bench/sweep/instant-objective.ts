/** Nothing but a number: what is left is the scheduler. */
export default function objective(parameters: Readonly<Record<string, unknown>>): number {
  return Number(parameters['x']);
}
