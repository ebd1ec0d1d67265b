/** Makes the pictures of a report from stored files, in processes limited as decoders are. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { storedImageFile } from '../files/data-root';
import { createPreviewPool, type PreviewPool } from '../images/previews/preview-pool';
import { THUMBNAIL_SIDE } from './html/thumbnail';

const PROCESSES = 2;

/** Pictures that are under way at the same time. Each process gets several with one message. */
const AT_ONCE = 8;

/** The time for one picture, and for all of them, in ms. */
const TIMEOUT_MS = 2_000;
const ALL_MS = 10_000;

export interface ThumbnailOptions {
  readonly dataRoot: string;
  /** Paths of stored files below the data root, by their sha256. */
  readonly files: ReadonlyMap<string, string>;
  /** A folder of the caller's own, for the pictures. */
  readonly scratch: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Never fails: a picture that cannot be made in time, or whose file is not there, is absent.
 *
 * @returns WebP files by the sha256 of their images.
 */
export async function makeThumbnails({
  dataRoot,
  files,
  scratch,
  signal,
}: ThumbnailOptions): Promise<ReadonlyMap<string, Buffer>> {
  const made = new Map<string, Buffer>();
  // The last ones are made first.
  const wanted = [...files].reverse().flatMap(([sha256, relative]) => {
    const file = storedImageFile(dataRoot, relative);
    return file === null ? [] : [{ sha256, file }];
  });
  if (wanted.length === 0) return made;
  const pool = createPreviewPool({ processes: PROCESSES, timeoutMs: TIMEOUT_MS });
  const limits = [AbortSignal.timeout(ALL_MS), ...(signal === undefined ? [] : [signal])];
  const over = AbortSignal.any(limits);
  const makeNext = async (): Promise<void> => {
    for (let next = wanted.pop(); next !== undefined && !over.aborted; next = wanted.pop()) {
      const { sha256, file } = next;
      const picture = await makeOne(pool, file, path.join(scratch, `${sha256}.webp`));
      if (picture !== null) made.set(sha256, picture);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, makeNext));
  await pool.close();
  return made;
}

async function makeOne(pool: PreviewPool, file: string, target: string): Promise<Buffer | null> {
  try {
    const { problem } = await pool.run({ file, target, side: THUMBNAIL_SIDE });
    return problem === null ? await readFile(target) : null;
  } catch {
    return null;
  }
}
