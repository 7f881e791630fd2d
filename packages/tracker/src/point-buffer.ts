/** Points of one run on their way to the database: columns that grow, so that logging allocates nothing per point. */
export class PointBuffer {
  length = 0;
  private capacity: number;
  private keyColumn: Uint32Array;
  private stepColumn: Float64Array;
  private epochColumn: Float64Array;
  private wallTimeColumn: Float64Array;
  private valueColumn: Float64Array;

  constructor(capacity = 4096) {
    this.capacity = capacity;
    this.keyColumn = new Uint32Array(capacity);
    this.stepColumn = new Float64Array(capacity);
    this.epochColumn = new Float64Array(capacity);
    this.wallTimeColumn = new Float64Array(capacity);
    this.valueColumn = new Float64Array(capacity);
  }

  /** `epoch` is NaN where there is none. */
  push(key: number, step: number, epoch: number, wallTime: number, value: number): void {
    if (this.length === this.capacity) this.grow();
    const at = this.length++;
    this.keyColumn[at] = key;
    this.stepColumn[at] = step;
    this.epochColumn[at] = epoch;
    this.wallTimeColumn[at] = wallTime;
    this.valueColumn[at] = value;
  }

  keyAt(index: number): number {
    return this.keyColumn[index]!;
  }

  stepAt(index: number): number {
    return this.stepColumn[index]!;
  }

  epochAt(index: number): number {
    return this.epochColumn[index]!;
  }

  wallTimeAt(index: number): number {
    return this.wallTimeColumn[index]!;
  }

  valueAt(index: number): number {
    return this.valueColumn[index]!;
  }

  clear(): void {
    this.length = 0;
  }

  private grow(): void {
    const larger = new PointBuffer(this.capacity * 2);
    larger.keyColumn.set(this.keyColumn);
    larger.stepColumn.set(this.stepColumn);
    larger.epochColumn.set(this.epochColumn);
    larger.wallTimeColumn.set(this.wallTimeColumn);
    larger.valueColumn.set(this.valueColumn);
    this.capacity = larger.capacity;
    this.keyColumn = larger.keyColumn;
    this.stepColumn = larger.stepColumn;
    this.epochColumn = larger.epochColumn;
    this.wallTimeColumn = larger.wallTimeColumn;
    this.valueColumn = larger.valueColumn;
  }
}
