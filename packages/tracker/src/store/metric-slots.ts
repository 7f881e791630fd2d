/**
 * Keys of a run's metric names, counted from 0 in the order they came. Callers name the same metrics in the same order call
 * after call, so each place remembers the name it last saw: one comparison of strings instead of a look into a map.
 */
export class MetricSlots {
  readonly names: string[] = [];
  private readonly keys = new Map<string, number>();
  private readonly seen: string[] = [];
  private readonly seenKeys: number[] = [];

  /** The key of the name that stands at this place of a call. */
  keyAt(place: number, name: string): number {
    return this.seen[place] === name ? this.seenKeys[place]! : this.look(place, name);
  }

  private look(place: number, name: string): number {
    let key = this.keys.get(name);
    if (key === undefined) {
      key = this.names.length;
      this.keys.set(name, key);
      this.names.push(name);
    }
    // places stay without gaps, so the lists stay flat
    if (place <= this.seen.length) {
      this.seen[place] = name;
      this.seenKeys[place] = key;
    }
    return key;
  }
}
