/** Temporary files of downloads: exclusive, named after their execution. */
import fs from 'node:fs';
import path from 'node:path';
import { dataRootPaths } from './data-root';
import { ensureDirectory } from './directories';
import { disk, NO_FOLLOW } from './disk-calls';
import { onDisk } from './disk-errors';
import { tempName } from './temp-names';

const { O_CREAT, O_EXCL, O_RDWR, O_WRONLY } = fs.constants;

/** A body up to this size is written by one call, when all of it has come. **Units** bytes. */
const MOST_GATHERED = 65_536;

/** That of the final file, which the temporary one becomes: whoever may see the data root may see images. */
const MODE = 0o644;

/** A file that is being written. Small files are written faster by sync than by promise calls (0.033 against 0.070 ms). */
export interface TempFile {
  readonly path: string;
  /** Takes the next bytes. **Errors** StepError disk_*. */
  write(chunk: Uint8Array): void;
  /** All bytes have come: they are in the file now, though not durable. **Errors** StepError disk_*. */
  close(): void;
  /** After {@link close}: the bytes, if they are still in memory; only the first call gets them. */
  takeContent(): Buffer | null;
  /** Makes the bytes durable, without holding the event loop. After an error they never are. **Errors** those of the file system. */
  sync(): Promise<void>;
  /** Closes and removes; may be called twice. */
  discard(): void;
}

/** How many files of this process stay open between {@link TempFile.close} and their sync. */
let kept = 0;

/**
 * Creates `<root>/tmp/<execution>-….part`, mode 0644. **Errors** StepError disk_*; EEXIST never in practice.
 *
 * `mostKept`: one of so many files of the process stays open until it is synced, so that no error of writing it back is missed and it
 * need not be opened again.
 */
export function createTempFile(options: {
  readonly root: string;
  readonly execution: string;
  readonly mostKept?: number;
}): TempFile {
  const name = `${tempName(options.execution)}.part`;
  const file = path.join(dataRootPaths(options.root).tmp, name);
  return new OpenTempFile(
    file,
    onDisk('create a temporary file', () => openNew(file)),
    options.mostKept ?? 0,
  );
}

class OpenTempFile implements TempFile {
  private gathered: Uint8Array[] = [];
  private gatheredBytes = 0;
  /** All that came is still in `gathered`. */
  private isGathered = true;
  private isKept = false;
  private isBroken = false;

  constructor(
    readonly path: string,
    private descriptor: number | null,
    private readonly mostKept: number,
  ) {}

  write(chunk: Uint8Array): void {
    if (this.descriptor === null || this.isKept) throw new Error(`${this.path} is closed`);
    if (this.isGathered && this.gatheredBytes + chunk.byteLength <= MOST_GATHERED) {
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
    if (kept < this.mostKept) {
      kept += 1;
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
    // Of a file that is opened again, the system reports an error that nobody has seen yet.
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
    if (this.isKept) kept -= 1;
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

/** Somebody may have removed `tmp/` to make room. */
function openNew(file: string): number {
  // O_EXCL refuses a planted link also where NO_FOLLOW is nothing.
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

/** Whether this process's umask narrows {@link MODE}; null until its first file. Reading the umask itself would change it for a moment. */
let isNarrowed: boolean | null = null;

/** Gives a new file the mode 0644, whatever the umask. */
export function allowReading(descriptor: number): void {
  isNarrowed ??= (fs.fstatSync(descriptor).mode & 0o777) !== MODE;
  if (isNarrowed) fs.fchmodSync(descriptor, MODE);
}

/** `write` may take less than it was given, near the end of a disk. */
export function writeAll(descriptor: number, bytes: Uint8Array): void {
  let written = 0;
  while (written < bytes.byteLength) written += fs.writeSync(descriptor, bytes, written);
}
