/**
 * Temporary files of downloads. Each is created exclusively and named after the attempt that writes
 * it.
 */
import fs from 'node:fs';
import path from 'node:path';
import { dataRootPaths } from './data-root';
import { ensureDirectory } from './directories';
import { disk, NO_FOLLOW } from './disk-calls';
import { onDisk } from './disk-errors';
import { tempName } from './temp-names';

const { O_CREAT, O_EXCL, O_RDWR, O_WRONLY } = fs.constants;

/**
 * Bodies up to this size, in bytes, are kept in memory and written by one call when they are
 * complete.
 */
const MAX_GATHERED_BYTES = 65_536;

/**
 * Mode of the final image, because the temporary file becomes it: every user who may read the data
 * root may read the images.
 */
const MODE = 0o644;

/**
 * A file that is being written. Synchronous calls write small files faster than promises do (0.033
 * ms instead of 0.070 ms).
 */
export interface TempFile {
  readonly path: string;
  /**
   * Appends bytes.
   *
   * @throws StepError disk_*.
   */
  write(chunk: Uint8Array): void;
  /**
   * Called when the body is complete. The bytes are in the file afterwards, but not yet durable.
   *
   * @throws StepError disk_*.
   */
  close(): void;
  /**
   * Returns the bytes once {@link close} was called, if they are still in memory. Later calls
   * return null.
   */
  takeContent(): Buffer | null;
  /**
   * Makes the bytes durable without blocking the event loop. After an error they can never become
   * durable.
   *
   * @throws errors of the file system.
   */
  sync(): Promise<void>;
  /** Closes and removes the file. May be called twice. */
  discard(): void;
}

/** Number of files that this process keeps open between {@link TempFile.close} and their sync. */
let keptOpenCount = 0;

/**
 * Creates `<root>/tmp/<execution>-….part` with the mode 0644.
 *
 * @param options.maxKeptOpen the number of files which the process may keep open until they are
 *   synced. A file that stays open needs no second open call, and no write-back error of it can be
 *   missed.
 * @throws StepError disk_*.
 */
export function createTempFile(options: {
  readonly root: string;
  readonly execution: string;
  readonly maxKeptOpen?: number;
}): TempFile {
  const name = `${tempName(options.execution)}.part`;
  const file = path.join(dataRootPaths(options.root).tmp, name);
  return new OpenTempFile(
    file,
    onDisk('create a temporary file', () => openNewFile(file)),
    options.maxKeptOpen ?? 0,
  );
}

class OpenTempFile implements TempFile {
  private gathered: Uint8Array[] = [];
  private gatheredBytes = 0;
  /** True while all bytes are still in `gathered`. */
  private isGathered = true;
  private isKept = false;
  private isBroken = false;

  constructor(
    readonly path: string,
    private descriptor: number | null,
    private readonly maxKeptOpen: number,
  ) {}

  write(chunk: Uint8Array): void {
    if (this.descriptor === null || this.isKept) throw new Error(`${this.path} is closed`);
    if (this.isGathered && this.gatheredBytes + chunk.byteLength <= MAX_GATHERED_BYTES) {
      this.gathered.push(chunk);
      this.gatheredBytes += chunk.byteLength;
      return;
    }
    if (this.isGathered) this.writeGathered(this.descriptor);
    this.isGathered = false;
    this.gathered = [];
    this.writeBytes(this.descriptor, chunk);
  }

  close(): void {
    if (this.descriptor === null || this.isKept) return;
    if (this.isGathered) this.writeGathered(this.descriptor);
    if (keptOpenCount < this.maxKeptOpen) {
      keptOpenCount += 1;
      this.isKept = true;
    } else this.release();
  }

  takeContent(): Buffer | null {
    const content = this.isGathered ? Buffer.concat(this.gathered) : null;
    this.isGathered = false;
    this.gathered = [];
    return content;
  }

  async sync(): Promise<void> {
    if (this.isBroken) throw new Error(`${this.path} could not be made durable before`);
    this.gathered = [];
    // If the file was closed, opening it again still reports a write-back error that no process has
    // seen.
    this.descriptor ??= await disk.open(this.path, O_RDWR);
    try {
      await disk.fsync(this.descriptor);
    } catch (error) {
      this.isBroken = true;
      throw error;
    } finally {
      this.release();
    }
  }

  discard(): void {
    this.release();
    this.gathered = [];
    fs.rmSync(this.path, { force: true });
  }

  private release(): void {
    if (this.isKept) keptOpenCount -= 1;
    this.isKept = false;
    if (this.descriptor === null) return;
    const closing = this.descriptor;
    this.descriptor = null;
    fs.closeSync(closing);
  }

  private writeGathered(descriptor: number): void {
    const [first = EMPTY, ...others] = this.gathered;
    this.writeBytes(descriptor, others.length === 0 ? first : Buffer.concat(this.gathered));
  }

  private writeBytes(descriptor: number, bytes: Uint8Array): void {
    onDisk(`write ${path.basename(this.path)}`, () => {
      writeAll(descriptor, bytes);
    });
  }
}

const EMPTY = new Uint8Array();

/** Creates the file, and `tmp/` first if an operator removed it to free space. */
function openNewFile(file: string): number {
  // O_EXCL refuses a planted link even where NO_FOLLOW is 0.
  const flags = O_CREAT | O_EXCL | O_WRONLY | NO_FOLLOW;
  const create = (): number => {
    const descriptor = fs.openSync(file, flags, MODE);
    allowReading(descriptor);
    return descriptor;
  };
  try {
    return create();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    ensureDirectory(path.dirname(file));
    return create();
  }
}

/**
 * Whether the umask of this process narrows {@link MODE}; null until the first file was created.
 * Reading the umask itself would change it for a moment.
 */
let umaskNarrowsMode: boolean | null = null;

/** Gives a new file the mode 0644 regardless of the umask. */
export function allowReading(descriptor: number): void {
  umaskNarrowsMode ??= (fs.fstatSync(descriptor).mode & 0o777) !== MODE;
  if (umaskNarrowsMode) fs.fchmodSync(descriptor, MODE);
}

/** Writes all bytes. Near the end of a disk, write(2) may take fewer bytes than it was given. */
export function writeAll(descriptor: number, bytes: Uint8Array): void {
  let written = 0;
  while (written < bytes.byteLength) written += fs.writeSync(descriptor, bytes, written);
}
