/** Where the file of a sha256 is. */
import { literal } from '../../duckdb/sql-text';
import type { Row } from '../../report/ask';
import type { OpenSnapshot } from '../snapshot/open-snapshot';

/** A stored file, as the snapshot records it. */
export interface KnownFile {
  readonly sha256: string;
  /** Relative to the data root, with `/`. */
  readonly path: string;
  /** As the check of the image found it; null where it did not. */
  readonly format: string | null;
  readonly bytes: number | null;
}

/** The most files that are remembered. */
const MOST_FILES = 20_000;

/** Remembers the files of images that were listed, because a search reads a whole column. */
export class KnownFiles {
  private readonly known = new Map<string, KnownFile>();
  /** The searches that are under way, by the files that they look for. */
  private readonly searches = new Map<string, Promise<void>>();

  /** @param row a row of the relation `image`, with or without a file. */
  note(row: Row): void {
    const { thumb_sha256: sha256, thumb_path: path, thumb_format, thumb_bytes } = row;
    if (typeof sha256 !== 'string' || typeof path !== 'string') return;
    const [oldest] = this.known.keys();
    if (this.known.size >= MOST_FILES && oldest !== undefined) this.known.delete(oldest);
    const format = typeof thumb_format === 'string' ? thumb_format : null;
    const bytes = thumb_bytes == null ? null : Number(thumb_bytes);
    this.known.set(sha256, { sha256, path, format, bytes });
  }

  /** @returns null when no image has such a file. */
  async find(snapshot: OpenSnapshot, sha256: string): Promise<KnownFile | null> {
    await this.lookUp(snapshot, [sha256]);
    return this.known.get(sha256) ?? null;
  }

  /**
   * Looks for all of the files by one query, because each query reads the whole column. Files that
   * are known, or that a search is looking for, cost nothing.
   */
  async lookUp(snapshot: OpenSnapshot, sha256s: readonly string[]): Promise<void> {
    const unknown = sha256s.filter((one) => !this.known.has(one) && !this.searches.has(one));
    if (unknown.length > 0) {
      const search = this.search(snapshot, unknown).finally(() => {
        for (const one of unknown) this.searches.delete(one);
      });
      for (const one of unknown) this.searches.set(one, search);
    }
    const searches = sha256s.flatMap((one) => this.searches.get(one) ?? []);
    await Promise.all(searches);
  }

  private async search(snapshot: OpenSnapshot, sha256s: readonly string[]): Promise<void> {
    const rows = await snapshot.rows(
      `SELECT thumb_sha256, any_value(thumb_path) AS thumb_path, any_value(thumb_format) AS thumb_format,
         any_value(thumb_bytes) AS thumb_bytes
       FROM image WHERE thumb_sha256 IN (${sha256s.map(literal).join(', ')}) AND thumb_path IS NOT NULL
       GROUP BY thumb_sha256`,
    );
    for (const row of rows) this.note(row);
  }

  /** A file that could not be opened at its place may be elsewhere in a newer snapshot. */
  forget(sha256: string): void {
    this.known.delete(sha256);
  }
}
