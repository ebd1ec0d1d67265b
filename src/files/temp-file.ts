/** Temporary files of downloads: exclusive, private, named after their execution. */
import fs from 'node:fs';
import path from 'node:path';
import { dataRootPaths } from './data-root';
import { ensureDirectory } from './directories';
import { onDisk } from './disk-errors';
import { tempName } from './temp-names';

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = fs.constants;

/** A file that is being written. Small files are written faster by sync than by promise calls (0.033 against 0.070 ms). */
export interface TempFile {
  readonly path: string;
  /** Writes all bytes. **Errors** StepError disk_*. */
  write(chunk: Uint8Array): void;
  close(): void;
  /** Closes and removes; may be called twice. */
  discard(): void;
}

/** Creates `<root>/tmp/<execution>-….part`, mode 0600. **Errors** StepError disk_*; EEXIST never in practice. */
export function createTempFile(options: {
  readonly root: string;
  readonly execution: string;
}): TempFile {
  const name = `${tempName(options.execution)}.part`;
  const file = path.join(dataRootPaths(options.root).tmp, name);
  let descriptor: number | null = onDisk('create a temporary file', () => openNew(file));
  const close = (): void => {
    if (descriptor === null) return;
    const closing = descriptor;
    descriptor = null;
    fs.closeSync(closing);
  };
  return {
    path: file,
    write: (chunk) => {
      if (descriptor === null) throw new Error(`${file} is closed`);
      const open = descriptor;
      onDisk(`write ${name}`, () => {
        writeAll(open, chunk);
      });
    },
    close,
    discard: () => {
      close();
      fs.rmSync(file, { force: true });
    },
  };
}

/** Somebody may have removed `tmp/` to make room. */
function openNew(file: string): number {
  // Windows has no O_NOFOLLOW; O_EXCL refuses a planted link there and everywhere.
  const flags = O_CREAT | O_EXCL | O_WRONLY | ((O_NOFOLLOW as number | undefined) ?? 0);
  try {
    return fs.openSync(file, flags, 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    ensureDirectory(path.dirname(file));
    return fs.openSync(file, flags, 0o600);
  }
}

/** `write` may take less than it was given, near the end of a disk. */
export function writeAll(descriptor: number, bytes: Uint8Array): void {
  let written = 0;
  while (written < bytes.byteLength) written += fs.writeSync(descriptor, bytes, written);
}
