/** Puts models in an order in which each comes after those that it needs. */

/** A model, by name, and the names of the models that it needs. */
export type Needs = ReadonlyMap<string, readonly string[]>;

export interface ModelOrder {
  /** Every name but those of cycles. Of names that may change places the smaller one is first. */
  readonly order: readonly string[];
  /** The names of each cycle in order, the first one once more at the end. */
  readonly cycles: readonly (readonly string[])[];
}

/** Needs that are not in the map are ignored. */
export function orderModels(needs: Needs): ModelOrder {
  const cycles = findCycles(needs);
  const placed = new Set(cycles.flat());
  const order: string[] = [];
  const place = (name: string): void => {
    if (placed.has(name)) return;
    placed.add(name);
    for (const need of needsOf(needs, name)) place(need);
    order.push(name);
  };
  for (const name of [...needs.keys()].sort()) place(name);
  return { order, cycles };
}

function needsOf(needs: Needs, name: string): readonly string[] {
  return (needs.get(name) ?? []).filter((need) => needs.has(need)).sort();
}

/** Each name is in one cycle at most: a second one shows when the first is broken. */
function findCycles(needs: Needs): readonly (readonly string[])[] {
  const cycles: string[][] = [];
  const finished = new Set<string>();
  const visit = (name: string, way: readonly string[]): void => {
    if (finished.has(name)) return;
    const start = way.indexOf(name);
    if (start >= 0) {
      const cycle = way.slice(start);
      cycles.push([...cycle, name]);
      for (const member of cycle) finished.add(member);
      return;
    }
    for (const need of needsOf(needs, name)) visit(need, [...way, name]);
    finished.add(name);
  };
  for (const name of [...needs.keys()].sort()) visit(name, []);
  return cycles;
}
