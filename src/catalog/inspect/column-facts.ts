/** What the columns of a sample hold, also the values inside JSON. */
import type { Sample } from './read-sample';
import type { ColumnFacts } from './inspection';
import { CellLeaves } from './cell-leaves';
import { splitUrls } from '../records/split-urls';
import { IMAGE_NAME, isAbsolute, isPath, isRelativeImage, urlKind, type UrlKind } from './url-kind';

/** Names that are made up row by row must not fill the memory. */
const MOST_PATHS = 500;
const MOST_DISTINCT = 10_000;
const EXAMPLES = 3;
const LONGEST_EXAMPLE = 200;
/** If half of the URLs are of one kind and half of another, the first of these counts. */
const KINDS: readonly UrlKind[] = ['image', 'page', 'other', 'unknown'];

/** The values of one column, or path into a column, as they are counted. */
class ColumnCounter {
  filled = 0;
  #lastRecord = -1;
  #urlsOfRecord = 0;
  #isSeveral = false;
  #urls = 0;
  #absolute = 0;
  #distinctUrls = 0;
  readonly #kinds = new Map<UrlKind, number>();
  readonly #distinct = new Set<string>();

  readonly #isOfImages: boolean;

  constructor(readonly name: string) {
    this.#isOfImages = IMAGE_NAME.test(name);
  }

  add(record: number, text: string): void {
    if (record !== this.#lastRecord) {
      this.filled += 1;
      this.#urlsOfRecord = 0;
    }
    this.#lastRecord = record;
    const urlsBefore = this.#urls;
    for (const url of splitUrls(text, undefined)) this.#addUrl(url);
    this.#addDistinct(text.slice(0, 1_000), this.#urls > urlsBefore);
  }

  #addDistinct(text: string, hasUrl: boolean): void {
    if (this.#distinct.size >= MOST_DISTINCT || this.#distinct.has(text)) return;
    this.#distinct.add(text);
    if (hasUrl) this.#distinctUrls += 1;
  }

  #addUrl(url: string): void {
    const absolute = isAbsolute(url);
    if (!absolute && !isRelativeImage(url) && !(this.#isOfImages && isPath(url))) return;
    this.#urls += 1;
    this.#urlsOfRecord += 1;
    this.#absolute += absolute ? 1 : 0;
    this.#isSeveral ||= this.#urlsOfRecord > 1;
    const kind = urlKind(url);
    this.#kinds.set(kind, (this.#kinds.get(kind) ?? 0) + 1);
  }

  /** Where most rows have no URL, they repeat a few values that stand for none, such as `n/a`. */
  get #holdsUrls(): boolean {
    if (this.#urls === 0) return false;
    return this.#urls * 2 >= this.filled || this.#distinctUrls * 2 >= this.#distinct.size;
  }

  facts(): ColumnFacts {
    const usual = KINDS.find((kind) => (this.#kinds.get(kind) ?? 0) * 2 >= this.#urls);
    return {
      name: this.name,
      filled: this.filled,
      distinct: this.#distinct.size,
      isDistinctCut: this.#distinct.size >= MOST_DISTINCT,
      examples: [...this.#distinct]
        .slice(0, EXAMPLES)
        .map((text) => text.slice(0, LONGEST_EXAMPLE)),
      urls: this.#holdsUrls
        ? {
            count: this.#urls,
            absolute: this.#absolute,
            kind: usual ?? 'unknown',
            isSeveral: this.#isSeveral,
          }
        : null,
    };
  }
}

/**
 * The facts of every column with a value, in the order of the catalog; values inside JSON by their
 * paths.
 */
export function columnFacts(sample: Sample): readonly ColumnFacts[] {
  const leaves = new CellLeaves(new Set());
  const facts = factsOf(sample, leaves);
  const open = leaves.openObjects();
  return open.size === 0 ? facts : factsOf(sample, new CellLeaves(open));
}

function factsOf({ columns, rows }: Sample, leaves: CellLeaves): readonly ColumnFacts[] {
  const names = columns.columns;
  const counters = new Map<string, ColumnCounter>(
    names.map((name) => [name, new ColumnCounter(name)]),
  );
  for (const [number, { values }] of rows.records.entries())
    for (const [index, value] of values.entries()) {
      if (value === null || value === undefined || value === '') continue;
      for (const [path, text] of leaves.of(names[index] ?? '', value)) {
        let counter = counters.get(path);
        if (counter === undefined && counters.size < names.length + MOST_PATHS)
          counters.set(path, (counter = new ColumnCounter(path)));
        counter?.add(number, text);
      }
    }
  const paths = [...counters.keys()];
  const isOnlyPaths = ({ name, filled }: ColumnFacts): boolean =>
    filled === 0 &&
    paths.some((path) => path.startsWith(`${name}.`) || path.startsWith(`${name}[`));
  return [...counters.values()]
    .map((counter) => counter.facts())
    .filter((one) => !isOnlyPaths(one));
}
