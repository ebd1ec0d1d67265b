/** Translates errors of the file system to step errors that say what to do. */
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

/**
 * Translates an error of the file system.
 *
 * @param what names the attempted action: "write tmp/x.part".
 * @returns null when the error does not come from the disk.
 */
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

/** Runs an operation and throws disk errors as {@link StepError}. Other errors pass unchanged. */
export function onDisk<T>(what: string, operation: () => T): T {
  try {
    return operation();
  } catch (error) {
    throw asDiskError(error, what) ?? error;
  }
}

/** The asynchronous form of {@link onDisk}. */
export async function onDiskAsync<T>(what: string, operation: () => Promise<T>): Promise<T> {
  try {
    return await operation();
  } catch (error) {
    throw asDiskError(error, what) ?? error;
  }
}

/** Node has no name for EDQUOT: it reports a used-up quota as "Unknown system error -122". */
function codeOf(error: unknown): string | undefined {
  const { code, errno } = errnoOf(error);
  return errno === -os.constants.errno.EDQUOT ? 'EDQUOT' : code;
}

function errnoOf(error: unknown): Pick<NodeJS.ErrnoException, 'code' | 'errno' | 'path'> {
  // Does not use instanceof: in Jest, errors of Node's own modules come from another realm.
  return typeof error === 'object' && error !== null ? error : {};
}

function userName(): string {
  try {
    return os.userInfo().username;
  } catch {
    // In a container the user ID may have no name.
    return String(process.getuid?.() ?? 'unknown');
  }
}
