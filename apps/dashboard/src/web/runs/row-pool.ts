/** One row element of the page and what it shows. */
export interface PooledRow {
  /** Names the element for as long as it lives. */
  readonly slot: number;
  readonly id: number;
  /** Place in the list, from 0. */
  readonly at: number;
}

/**
 * Hands the elements of rows that left the window to those that came in, so that scrolling makes and lays out none.
 * A row that stays keeps its element, and with it its focus and what is being typed there.
 */
export class RowPool {
  private held: PooledRow[] = [];
  private slots = 0;

  /** What the elements show, in their order in the page: not that of the list while it scrolls. */
  get rows(): readonly PooledRow[] {
    return this.held;
  }

  /**
   * Shows `ids`, which begin at place `first` of the list.
   * @param pinned A row that keeps its element although it is out of sight.
   */
  assign(ids: readonly number[], first: number, pinned?: { readonly id: number; readonly at: number }): void {
    const wanted = new Map(ids.map((id, index) => [id, first + index]));
    if (pinned !== undefined && !wanted.has(pinned.id)) wanted.set(pinned.id, pinned.at);
    const placed = this.held.map((row) => {
      const at = wanted.get(row.id);
      wanted.delete(row.id);
      return { row, at };
    });
    const coming = wanted.entries();
    const next: PooledRow[] = [];
    for (const { row, at } of placed) {
      if (at !== undefined) next.push(at === row.at ? row : { ...row, at });
      else {
        const one = coming.next();
        if (one.done !== true) next.push({ slot: row.slot, id: one.value[0], at: one.value[1] });
      }
    }
    for (const [id, at] of coming) next.push({ slot: this.slots++, id, at });
    this.held = next;
  }

  /** Puts the elements into the order of the list, for those who go through them by key or by ear. True: some moved. */
  settle(): boolean {
    const isOrdered = this.held.every(({ at }, index) => index === 0 || at > this.held[index - 1]!.at);
    if (!isOrdered) this.held = this.held.toSorted((a, b) => a.at - b.at);
    return !isOrdered;
  }
}
