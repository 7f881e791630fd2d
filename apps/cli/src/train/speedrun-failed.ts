/** A training of a speedrun did not finish; what it said stands above. */
export class SpeedrunFailed extends Error {
  readonly code = 'SPEEDRUN_FAILED';
  readonly exitCode: number;

  constructor(exitCode: number) {
    super(
      `a training of the speedrun did not finish (exit code ${exitCode}): a mean over the others would flatter`,
    );
    this.name = 'SpeedrunFailed';
    this.exitCode = exitCode === 0 ? 1 : exitCode;
  }
}
