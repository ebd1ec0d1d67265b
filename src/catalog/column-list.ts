/** The names of a catalog's columns, in the order in which they appear. */
export class ColumnList {
  readonly #columns: string[] = [];
  readonly #indexes = new Map<string, number>();

  get columns(): readonly string[] {
    return this.#columns;
  }

  addColumn(name: string): number {
    const index = this.#columns.push(name) - 1;
    if (!this.#indexes.has(name)) this.#indexes.set(name, index);
    return index;
  }

  /**
   * Adds the columns of a further file by name: those of one name in their order. Returns the index
   * of each, or null when they are the columns in their order.
   */
  addColumns(names: readonly string[]): readonly number[] | null {
    const seen = new Map<string, number>();
    const places = names.map((name) => {
      const from = seen.get(name) ?? this.#indexes.get(name) ?? -1;
      const found = from < 0 ? -1 : this.#columns.indexOf(name, from);
      const index = found < 0 ? this.addColumn(name) : found;
      seen.set(name, index + 1);
      return index;
    });
    return places.every((place, index) => place === index) ? null : places;
  }

  /** Returns the position of the first column of that name. */
  indexOf(name: string): number | undefined {
    return this.#indexes.get(name);
  }
}
