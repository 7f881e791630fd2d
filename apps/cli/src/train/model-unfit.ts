/** A run without a model, or a model that does not go with the images it is asked about. */
export class ModelUnfit extends Error {
  readonly code = 'MODEL_UNFIT';
  readonly usage = true;

  constructor(problem: string) {
    super(problem);
    this.name = 'ModelUnfit';
  }
}
