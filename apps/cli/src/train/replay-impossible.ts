/** A run that cannot be trained again as it was. */
export class ReplayImpossible extends Error {
  readonly code = 'REPLAY_IMPOSSIBLE';
  readonly usage = true;

  constructor(problem: string) {
    super(problem);
    this.name = 'ReplayImpossible';
  }
}
