/**
 * Temporary files of downloads. Each is created exclusively and named after the attempt that writes
 * it.
 */
import fs from 'node:fs';
import path from 'node:path';
import { dataRootPaths } from './data-root';
import { ensureDirectory } from './directories';
import { NO_FOLLOW } from './disk-calls';
import { onDisk } from './disk-errors';
import { tempName } from './temp-names';
import { errorCode } from './error-code';

const { O_CREAT, O_EXCL, O_WRONLY } = fs.constants;

/**
 * Bodies up to this size, in bytes, stay in memory. Their file is created when they are stored, so
 * a body that is no image costs no call of the file system.
 */
const MAX_GATHERED_BYTES = 65_536;

/**
 * Mode of the final image, because the temporary file becomes it: every user who may read the data
 * root may read the images.
 */
const MODE = 0o644;

/** A body that is complete and not yet durable: `content` if it is in memory, else a file. */
export interface PendingFile {
  readonly path: string;
  /** The whole body, if no file has been created yet. */
  readonly content: Uint8Array | null;
  /** An open descriptor of the file, which its new owner must close; null if there is none. */
  readonly descriptor: number | null;
}

/** A file that is being written. */
export interface TempFile {
  readonly path: string;
  /**
   * Appends bytes. A body that is larger than what is kept in memory is written to the file by
   * synchronous calls.
   *
   * @throws StepError disk_*.
   */
  write(chunk: Uint8Array): void;
  /**
   * Called when the body is complete.
   *
   * @throws StepError disk_*.
   */
  close(): void;
  /** The whole body, if it is in memory. Only after {@link close}. */
  content(): Buffer | null;
  /**
   * Creates the file of a body that is in memory, so that another process can read it.
   *
   * @throws StepError disk_*.
   */
  writeOut(): void;
  /**
   * Gives the body, and the descriptor if there is one, to a caller that makes it durable. Bytes
   * that {@link content} returned earlier must not be used afterwards: they may be moved to another
   * thread.
   */
  handOver(): PendingFile;
  /** Closes and removes the file. May be called twice. */
  discard(): void;
}

/** Number of files that this process keeps open after {@link TempFile.close}. */
let keptOpenCount = 0;

/**
 * Prepares `<root>/tmp/<execution>-….part` with the mode 0644.
 *
 * @param options.maxKeptOpen the number of files which the process may keep open until they are
 *   handed over. A file that stays open needs no second open call, and no write-back error of it
 *   can be missed.
 */
export function createTempFile(options: {
  readonly root: string;
  readonly execution: string;
  readonly maxKeptOpen?: number;
}): TempFile {
  const name = `${tempName(options.execution)}.part`;
  const file = path.join(dataRootPaths(options.root).tmp, name);
  return new GatheredFile(file, options.maxKeptOpen ?? 0);
}

class GatheredFile implements TempFile {
  private gathered: Uint8Array[] = [];
  private gatheredBytes = 0;
  /** The bytes of `gathered` in one buffer, once they were asked for. */
  private whole: Buffer | null = null;
  /** True while all bytes are in `gathered` and no file has been created. */
  private isGathered = true;
  private isClosed = false;
  private isKept = false;
  private descriptor: number | null = null;

  constructor(
    readonly path: string,
    private readonly maxKeptOpen: number,
  ) {}

  write(chunk: Uint8Array): void {
    if (this.isClosed) throw new Error(`${this.path} is closed`);
    if (this.isGathered && this.gatheredBytes + chunk.byteLength <= MAX_GATHERED_BYTES) {
      this.gathered.push(chunk);
      this.gatheredBytes += chunk.byteLength;
      return;
    }
    if (this.isGathered) this.writeGathered();
    this.writeBytes(chunk);
  }

  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    if (!this.isGathered) this.keepOpen();
  }

  content(): Buffer | null {
    if (!this.isGathered || !this.isClosed) return null;
    this.whole ??= Buffer.concat(this.gathered);
    // Chunks are views of larger buffers, which they would keep in memory.
    this.gathered = [this.whole];
    return this.whole;
  }

  writeOut(): void {
    if (!this.isGathered) return;
    this.writeGathered();
    this.keepOpen();
  }

  handOver(): PendingFile {
    const { descriptor } = this;
    const content = this.content();
    this.forgetBytes();
    this.isGathered = false;
    this.forgetDescriptor();
    return { path: this.path, content, descriptor };
  }

  discard(): void {
    const hasFile = !this.isGathered;
    this.isClosed = true;
    this.forgetBytes();
    this.release();
    if (hasFile) fs.rmSync(this.path, { force: true });
  }

  private keepOpen(): void {
    if (keptOpenCount < this.maxKeptOpen) {
      keptOpenCount += 1;
      this.isKept = true;
    } else this.release();
  }

  private release(): void {
    if (this.descriptor !== null) fs.closeSync(this.descriptor);
    this.forgetDescriptor();
  }

  private forgetBytes(): void {
    this.gathered = [];
    this.whole = null;
  }

  private forgetDescriptor(): void {
    if (this.isKept) keptOpenCount -= 1;
    this.isKept = false;
    this.descriptor = null;
  }

  private writeGathered(): void {
    const gathered = Buffer.concat(this.gathered);
    this.forgetBytes();
    this.isGathered = false;
    this.descriptor = onDisk('create a temporary file', () => createFile(this.path));
    this.writeBytes(gathered);
  }

  private writeBytes(bytes: Uint8Array): void {
    const { descriptor } = this;
    if (descriptor === null) throw new Error(`${this.path} has no open file`);
    onDisk(`write ${path.basename(this.path)}`, () => {
      writeAll(descriptor, bytes);
    });
  }
}

/**
 * Creates a file for writing, and `tmp/` first if an operator removed it to free space.
 *
 * @returns its descriptor.
 * @throws errors of the file system.
 */
export function createFile(file: string): number {
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
    if (errorCode(error) !== 'ENOENT') throw error;
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
