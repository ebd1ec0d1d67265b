/** Small pictures of stored files, made when they are first asked for. */
import { open, rm, type FileHandle } from 'node:fs/promises';
import { createPreviewPool, type PreviewPool } from '../../images/previews/preview-pool';
import { errorCode } from '../../files/error-code';
import { READ_UNLINKED } from '../files/stored-file';
import { PreviewCache } from './preview-cache';

/** The longest sides of previews, in pixels: for a grid, and for a grid of large cells. */
export const SIDES: readonly number[] = [320, 640];

/** Processes that make previews, and the time for one, in ms. */
const PROCESSES = 2;
const TIMEOUT_MS = 10_000;

/** When more wait, the file itself is sent. */
const MOST_WAITING = 200;

/** Files that cannot be decoded are not tried again; this many are remembered. */
const MOST_REFUSED = 10_000;

export class Previews {
  private readonly cache: PreviewCache;
  /** Created with the first preview, and again after a failure of the pool. */
  private pool: PreviewPool | null = null;
  private readonly underWay = new Map<string, Promise<boolean>>();
  private readonly refused = new Set<string>();

  /** @param mostBytes how many bytes the previews may take in the data root. */
  constructor(dataRoot: string, mostBytes: number) {
    this.cache = new PreviewCache(dataRoot, mostBytes);
  }

  /**
   * @param file the absolute path of the stored file.
   * @returns the open preview, which the caller closes; null when there is none: the file cannot be
   *   decoded, too many wait, or the folder of the previews cannot be written.
   */
  async open(sha256: string, side: number, file: string): Promise<FileHandle | null> {
    const target = this.cache.pathOf(sha256, side);
    const found = await openIfThere(target);
    if (found !== null) return found;
    if (this.refused.has(sha256)) return null;
    const key = `${sha256}-${side}`;
    let making = this.underWay.get(key);
    if (making === undefined) {
      if (this.underWay.size >= MOST_WAITING) return null;
      making = this.make(sha256, { file, target, side }).finally(() => this.underWay.delete(key));
      this.underWay.set(key, making);
    }
    return (await making) ? openIfThere(target) : null;
  }

  async close(): Promise<void> {
    await this.pool?.close();
  }

  private async make(
    sha256: string,
    {
      file,
      target,
      side,
    }: { readonly file: string; readonly target: string; readonly side: number },
  ): Promise<boolean> {
    this.pool ??= createPreviewPool({ processes: PROCESSES, timeoutMs: TIMEOUT_MS });
    let temp: string | null = null;
    try {
      temp = await this.cache.newFile();
      const { bytes, problem } = await this.pool.run({ file, target: temp, side });
      if (problem === null) await this.cache.keep(temp, target, bytes);
      else this.refuse(sha256);
      return problem === null;
    } catch (error) {
      // A data root that may only be read has no previews.
      if (errorCode(error) === null) throw error;
      return false;
    } finally {
      if (temp !== null) await rm(temp, { force: true }).catch(() => undefined);
    }
  }

  private refuse(sha256: string): void {
    const [oldest] = this.refused;
    if (this.refused.size >= MOST_REFUSED && oldest !== undefined) this.refused.delete(oldest);
    this.refused.add(sha256);
  }
}

async function openIfThere(file: string): Promise<FileHandle | null> {
  try {
    return await open(file, READ_UNLINKED);
  } catch (error) {
    if (errorCode(error) === null) throw error;
    return null;
  }
}
