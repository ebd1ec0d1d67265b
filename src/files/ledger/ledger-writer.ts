/** Appends outcomes to the ledger of one execution. */
import fs from 'node:fs';
import path from 'node:path';
import type { LedgerLine } from '../../contract/outcome';
import { runPaths } from '../data-root';
import { ensureDirectory, syncDirectory } from '../directories';
import { disk } from '../disk-calls';
import { onDisk, onDiskAsync } from '../disk-errors';
import { writeAll } from '../temp-file';

/** Lines are durable after `sync`. After an error the ledger ends at its last whole line and takes no more. */
export interface LedgerWriter {
  /** Writes the lines with one call. **Errors** StepError disk_*; none of the lines counts then. */
  append(...lines: readonly LedgerLine[]): void;
  /** Does not hold the event loop. **Errors** StepError disk_*, also of every later call. */
  sync(): Promise<void>;
  /** Syncs and closes; may be called twice. **Errors** as {@link sync}. */
  close(): Promise<void>;
}

/** Creates `runs/<runId>/ledger/<lane>/<execution>.ndjson`, exclusively. **Errors** StepError disk_*. */
export function openLedger(options: {
  readonly root: string;
  readonly runId: string;
  readonly lane: string;
  readonly execution: string;
}): LedgerWriter {
  const folder = path.join(runPaths(options.root, options.runId).ledger, options.lane);
  const file = path.join(folder, `${options.execution}.ndjson`);
  const descriptor = onDisk('create a ledger', () => {
    ensureDirectory(folder);
    const opened = fs.openSync(file, 'wx', 0o644);
    syncDirectory(folder);
    return opened;
  });
  return ledgerOn(descriptor, file);
}

/** Mutable. */
interface LedgerState {
  end: number;
  isDirty: boolean;
  isOpen: boolean;
  /** The latest sync; each one waits for the one before. */
  synced: Promise<void>;
}

function ledgerOn(descriptor: number, file: string): LedgerWriter {
  const state: LedgerState = { end: 0, isDirty: false, isOpen: true, synced: Promise.resolve() };
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
    // What could not be made durable once may look durable the next time: the error stays.
    state.synced = state.synced.then(syncDirty);
    return state.synced;
  };
  let closed: Promise<void> | null = null;
  return {
    append: (...lines) => {
      if (!state.isOpen) throw new Error(`the ledger ${file} is closed`);
      const bytes = Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
      onDisk(`append to ${file}`, () => {
        appendWhole(descriptor, bytes, state);
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

function appendWhole(descriptor: number, bytes: Buffer, state: LedgerState): void {
  try {
    writeAll(descriptor, bytes);
    state.end += bytes.byteLength;
    state.isDirty = true;
  } catch (error) {
    // Half a line must not be glued to the next one.
    fs.ftruncateSync(descriptor, state.end);
    state.isOpen = false;
    throw error;
  }
}
