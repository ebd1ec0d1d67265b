/** The first records of a catalog, in memory. */
import { rowPlaceText } from '../../contract/catalog/catalog-counts';
import type { RejectCode } from '../../contract/catalog/reject-codes';
import { ReadingEnded, type RecordSink } from '../catalog-reading';
import type { CatalogRecord, RowPlace } from '../records/catalog-record';

/** How many records are enough, and how many UTF-16 units of text. */
export interface SampleSize {
  readonly records: number;
  readonly text: number;
}

export class RecordSample implements RecordSink {
  readonly records: CatalogRecord[] = [];
  readonly rejectCodes = new Map<RejectCode, number>();
  /** URLs of manifests that the catalog only references. */
  readonly references: string[] = [];
  firstProblem: string | null = null;
  #count = 0;
  #text = 0;

  constructor(private readonly size: SampleSize) {}

  get rejected(): number {
    return [...this.rejectCodes.values()].reduce((sum, count) => sum + count, 0);
  }

  next(line: number | null): RowPlace {
    if (this.#count >= this.size.records || this.#text >= this.size.text) throw new ReadingEnded();
    this.#count += 1;
    return { record: this.#count, line };
  }

  take(record: CatalogRecord): undefined {
    this.records.push(record);
    for (const value of record.values) this.#text += value?.length ?? 0;
    return undefined;
  }

  reject(place: RowPlace, code: RejectCode, cause: string, id?: string): void {
    if (code === 'not_fetched' && id !== undefined) this.references.push(id);
    this.rejectCodes.set(code, (this.rejectCodes.get(code) ?? 0) + 1);
    this.firstProblem ??= `${rowPlaceText(place)}: ${cause}`;
  }

  rejectEncoding(place: RowPlace, encoding: string): void {
    this.reject(place, 'bad_encoding', `not valid ${encoding}`);
  }
}
