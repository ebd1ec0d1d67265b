/** The answers of one snapshot, which never change: what many people open is asked for once. */
import type { Row } from '../../report/ask';

/** All answers together may have about this many bytes. */
const MOST_BYTES = 4_000_000;

/** Larger answers are joined while they are computed, and not kept. */
const MOST_BYTES_OF_ONE = 200_000;

interface Kept {
  readonly rows: Promise<readonly Row[]>;
  /** 0 until the answer is there. */
  bytes: number;
}

export class AnswerCache {
  /** By the query. The answer that was used last is the last one. */
  private readonly answers = new Map<string, Kept>();
  private bytes = 0;

  constructor(private readonly mostBytes = MOST_BYTES) {}

  /**
   * The rows of a query. Requests for the same query share one computation, also while it is under
   * way. A query that fails is computed again by the next request.
   *
   * @throws the errors of `compute`.
   */
  rows(sql: string, compute: () => Promise<readonly Row[]>): Promise<readonly Row[]> {
    const known = this.answers.get(sql);
    if (known !== undefined) {
      this.answers.delete(sql);
      this.answers.set(sql, known);
      return known.rows;
    }
    const kept: Kept = { rows: compute(), bytes: 0 };
    this.answers.set(sql, kept);
    kept.rows.then(
      (rows) => {
        this.keep(sql, kept, rows);
      },
      () => this.answers.delete(sql),
    );
    return kept.rows;
  }

  private keep(sql: string, kept: Kept, rows: readonly Row[]): void {
    kept.bytes = bytesOf(sql, rows);
    if (kept.bytes > MOST_BYTES_OF_ONE) {
      this.answers.delete(sql);
      return;
    }
    this.bytes += kept.bytes;
    for (const [key, one] of this.answers) {
      if (this.bytes <= this.mostBytes) return;
      if (one.bytes === 0) continue;
      this.answers.delete(key);
      this.bytes -= one.bytes;
    }
  }
}

/** An estimate: each value with its object takes about 40 bytes, and a text two for a character. */
function bytesOf(sql: string, rows: readonly Row[]): number {
  let bytes = 200 + 2 * sql.length;
  for (const row of rows)
    for (const value of Object.values(row))
      bytes += 40 + (typeof value === 'string' ? 2 * value.length : 0);
  return bytes;
}
