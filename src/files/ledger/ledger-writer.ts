/** Appends outcomes to the ledger of one attempt of a batch. */
import fs from 'node:fs';
import path from 'node:path';
import type { LedgerLine } from '../../contract/outcome';
import { runPaths } from '../data-root';
import { ensureDirectory, syncDirectory } from '../directories';
import { disk } from '../disk-calls';
import { onDisk, onDiskAsync } from '../disk-errors';
import { writeAll } from '../temp-file';

/**
 * A ledger that is open for appending. Lines are durable after {@link sync}. After an error the
 * ledger ends with its last whole line and accepts no more.
 */
export interface LedgerWriter<Line extends object = LedgerLine> {
  /**
   * Writes the lines by one call.
   *
   * @throws StepError disk_*. Then none of the lines counts.
   */
  append(...lines: readonly Line[]): void;
  /**
   * Makes the lines durable without blocking the event loop.
   *
   * @throws StepError disk_*. Then every later call throws it too.
   */
  sync(): Promise<void>;
  /**
   * Syncs and closes the ledger. May be called twice.
   *
   * @throws the same errors as {@link sync}.
   */
  close(): Promise<void>;
}

/**
 * Creates `runs/<runId>/ledger/<lane>/<execution>.ndjson`, which must not exist.
 *
 * @throws StepError disk_*.
 */
export function openLedger(options: {
  readonly root: string;
  readonly runId: string;
  readonly lane: string;
  readonly execution: string;
}): LedgerWriter {
  const { root, runId, lane, execution } = options;
  return createLedger(path.join(runPaths(root, runId).ledger, lane), execution);
}

/**
 * The same for a ledger of lines of any kind, in a given folder.
 *
 * @throws StepError disk_*.
 */
export function createLedger<Line extends object>(
  folder: string,
  execution: string,
): LedgerWriter<Line> {
  const file = path.join(folder, `${execution}.ndjson`);
  const descriptor = onDisk('create a ledger', () => {
    ensureDirectory(folder);
    const opened = fs.openSync(file, 'wx', 0o644);
    syncDirectory(folder);
    return opened;
  });
  return createLedgerWriter(descriptor, file);
}

/** Mutable state of an open ledger. */
interface LedgerState {
  endOffset: number;
  isDirty: boolean;
  isOpen: boolean;
  /** The latest sync. Each sync waits for the previous one. */
  synced: Promise<void>;
}

function createLedgerWriter<Line extends object>(
  descriptor: number,
  file: string,
): LedgerWriter<Line> {
  const state: LedgerState = {
    endOffset: 0,
    isDirty: false,
    isOpen: true,
    synced: Promise.resolve(),
  };
  const syncDirty = async (): Promise<void> => {
    if (!state.isDirty) return;
    state.isDirty = false;
    try {
      await onDiskAsync(`sync ${file}`, () => disk.fdatasync(descriptor));
    } catch (error) {
      state.isOpen = false;
      throw error;
    }
  };
  const sync = (): Promise<void> => {
    // After a failed sync, the kernel may report success for lines that were never written. The
    // error therefore stays.
    state.synced = state.synced.then(syncDirty);
    return state.synced;
  };
  let closed: Promise<void> | null = null;
  return {
    append: (...lines) => {
      if (!state.isOpen) throw new Error(`the ledger ${file} is closed`);
      const bytes = Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
      onDisk(`append to ${file}`, () => {
        appendOrTruncate(descriptor, bytes, state);
      });
    },
    sync,
    close: () => {
      state.isOpen = false;
      closed ??= sync().finally(() => {
        fs.closeSync(descriptor);
      });
      return closed;
    },
  };
}

function appendOrTruncate(descriptor: number, bytes: Buffer, state: LedgerState): void {
  try {
    writeAll(descriptor, bytes);
    state.endOffset += bytes.byteLength;
    state.isDirty = true;
  } catch (error) {
    // The next line must not be appended to a partial one.
    fs.ftruncateSync(descriptor, state.endOffset);
    state.isOpen = false;
    throw error;
  }
}
