/** Puts the cells of an archive's core beside the rows of its images. */
import type { RowPlace } from '../records/catalog-record';

export type Cells = readonly (string | null)[];

/** A row of the table with the images. `key` names its record in the core. */
export interface KeyedRow {
  readonly place: RowPlace;
  readonly key: string;
  readonly cells: Cells;
}

/** Takes all rows of the core, and then those of the images. */
export interface CoreJoin {
  /** False when no further row of the core is needed. */
  readonly isCoreWanted: boolean;
  /**
   * The first row of a key is kept. `addCore` and `addRow` return a promise when the caller must
   * wait before the next call.
   */
  addCore(key: string, cells: Cells): Promise<void> | undefined;
  addRow(row: KeyedRow): Promise<void> | undefined;
  /** Hands the rows over that have not been handed over yet, in their order. */
  finish(): Promise<void>;
}

/** Takes a row with its core's cells; null when the core has no such record. */
export type TakeJoined = (row: KeyedRow, core: Cells | null) => Promise<void> | undefined;

/** @param width the number of cells of the core, and of the rows. */
export type OpenCoreJoin = (
  width: { readonly core: number; readonly rows: number },
  take: TakeJoined,
) => Promise<CoreJoin>;

/** How much text of the core a sample keeps, in UTF-16 code units. */
const MOST_TEXT = 16 << 20;

/** Joins with the first rows of the core, in memory: enough for a look at an archive. */
export class SampledCoreJoin implements CoreJoin {
  readonly #cellsByKey = new Map<string, Cells>();
  readonly #take: TakeJoined;
  #text = 0;

  constructor(take: TakeJoined) {
    this.#take = take;
  }

  get isCoreWanted(): boolean {
    return this.#text < MOST_TEXT;
  }

  addCore(key: string, cells: Cells): undefined {
    if (this.#cellsByKey.has(key)) return;
    this.#cellsByKey.set(key, cells);
    for (const cell of cells) this.#text += cell?.length ?? 0;
  }

  addRow(row: KeyedRow): Promise<void> | undefined {
    return this.#take(row, this.#cellsByKey.get(row.key) ?? null);
  }

  finish(): Promise<void> {
    return Promise.resolve();
  }
}
