/** Tells the file system's errors apart. */
import os from 'node:os';
import { StepError, type StepCode } from '../contract/errors';

const CODES: Readonly<Record<string, { readonly code: StepCode; readonly next: string }>> = {
  ENOSPC: {
    code: 'disk_full',
    next: 'no space (or no inodes: df -i) is left. Make room, then go on',
  },
  EDQUOT: { code: 'disk_full', next: 'the quota is used up. Make room or raise it, then go on' },
  EFBIG: {
    code: 'disk_full',
    next: 'the file would be larger than the limit allows (ulimit -f). Raise it, then go on',
  },
  EIO: {
    code: 'disk_io',
    next: 'the device reports an error. Check it (dmesg, smartctl) before going on',
  },
  EMFILE: {
    code: 'disk_io',
    next: 'this process has as many files open as it may (ulimit -n). Raise that, or serve fewer batches at once, then go on',
  },
  ENFILE: {
    code: 'disk_io',
    next: 'this machine has as many files open as it may (fs.file-max). Raise that, then go on',
  },
  EROFS: {
    code: 'disk_readonly',
    next: 'the file system is mounted read-only. Mount it writable, then go on',
  },
  EACCES: {
    code: 'disk_readonly',
    next: 'permission is denied. Give this user the right to write there, then go on',
  },
  EPERM: {
    code: 'disk_readonly',
    next: 'the operation is not permitted (chattr +i?). Allow it, then go on',
  },
  ENOTDIR: {
    code: 'disk_readonly',
    next: 'a part of the path is a file, not a folder. Name another data root (--data)',
  },
  EXDEV: {
    code: 'cross_device',
    next: 'tmp/ and raw/ are on different file systems. Put the whole data root on one',
  },
};

/** The step error for a disk's error; null when it is none. `what` says what was attempted: "write tmp/x.part". */
export function asDiskError(error: unknown, what: string): StepError | null {
  if (error instanceof StepError) return error;
  const { path } = errnoOf(error);
  const code = codeOf(error);
  const known = code === undefined ? undefined : CODES[code];
  if (known === undefined) return null;
  const where = path === undefined ? '' : ` (${path})`;
  return new StepError(
    known.code,
    `Could not ${what}${where} as user ${userName()}: ${code ?? ''}, ${known.next}. Nothing half-written counts.`,
    { cause: error },
  );
}

/** Runs `work`; a disk's error becomes a StepError, all others pass. */
export function onDisk<T>(what: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw asDiskError(error, what) ?? error;
  }
}

/** As {@link onDisk}, of work that takes its time. */
export async function onDiskAsync<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw asDiskError(error, what) ?? error;
  }
}

/** Node has no name for EDQUOT: of a quota it says "Unknown system error -122". */
function codeOf(error: unknown): string | undefined {
  const { code, errno } = errnoOf(error);
  return errno === -os.constants.errno.EDQUOT ? 'EDQUOT' : code;
}

function errnoOf(error: unknown): Pick<NodeJS.ErrnoException, 'code' | 'errno' | 'path'> {
  // Not instanceof: errors of Node's own modules may come from another realm (jest).
  return typeof error === 'object' && error !== null ? error : {};
}

function userName(): string {
  try {
    return os.userInfo().username;
  } catch {
    // A container may run under a number that has no name.
    return String(process.getuid?.() ?? 'unknown');
  }
}
