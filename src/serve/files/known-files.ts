/** Where the file of a sha256 is. */
import { literal } from '../../processes/locked-database';
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
    const known = this.known.get(sha256);
    if (known !== undefined) return known;
    const [row] = await snapshot.rows(
      `SELECT thumb_sha256, thumb_path, thumb_format, thumb_bytes FROM image
       WHERE thumb_sha256 = ${literal(sha256)} AND thumb_path IS NOT NULL LIMIT 1`,
    );
    if (row === undefined) return null;
    this.note(row);
    return this.known.get(sha256) ?? null;
  }

  /** A file that could not be opened at its place may be elsewhere in a newer snapshot. */
  forget(sha256: string): void {
    this.known.delete(sha256);
  }
}
