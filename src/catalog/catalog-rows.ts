/** One catalog row, whatever format it came from: taken, or rejected with the reason. */
import { idProblem, trimUrl } from './image-id';
import { rowPlaceText, type RejectCode } from '../contract/catalog-counts';
import type { CatalogStaging } from './catalog-staging';

/** How much of a refused id the rejects keep. **Units** UTF-16 units. */
const ID_SHOWN = 200;

export interface RowPlace {
  readonly record: number;
  readonly line: number | null;
}

export interface CatalogRow extends RowPlace {
  readonly id: string | null;
  /** A JSON boolean, array or object. */
  readonly isNoId: boolean;
  readonly url: string | null;
  readonly values: readonly (string | null)[];
}

/** Numbers the rows and hands them to the staging. */
export class CatalogRows {
  /** Rows so far, rejected ones included. */
  count = 0;
  /** In words, why the first rejected row was. */
  firstProblem: string | null = null;
  readonly #staging: CatalogStaging;

  constructor(staging: CatalogStaging) {
    this.#staging = staging;
  }

  /** The place of the next row. */
  next(line: number | null): RowPlace {
    this.count += 1;
    return { record: this.count, line };
  }

  /** To be awaited only when it gives a promise. */
  take(row: CatalogRow): Promise<void> | undefined {
    const problem = row.isNoId ? 'the id is a boolean, array or object' : idProblem(row.id);
    if (problem !== null) {
      this.reject(row, 'bad_id', problem, row.id);
      return undefined;
    }
    const { record, line, values } = row;
    return this.#staging.add({ record, line, id: row.id ?? '', url: trimUrl(row.url), values });
  }

  reject(place: RowPlace, code: RejectCode, problem: string, id: string | null = null): void {
    this.firstProblem ??= `${rowPlaceText(place)}: ${problem}`;
    this.#staging.reject({
      record: place.record,
      line: place.line,
      id: id === null || id === '' || /[\p{Surrogate}\0]/u.test(id) ? null : shortened(id),
      code,
      detail: problem,
    });
  }
}

/** Cut without leaving half a surrogate pair. */
function shortened(text: string): string {
  return text.length <= ID_SHOWN ? text : text.slice(0, ID_SHOWN).replace(/\p{Surrogate}$/u, '');
}
