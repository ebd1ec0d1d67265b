/** Appends outcomes to the ledger of one execution. */
import fs from 'node:fs';
import path from 'node:path';
import type { LedgerLine } from '../contract/outcome';
import { runPaths } from './data-root';
import { ensureDirectory, syncDirectory } from './directories';
import { onDisk } from './disk-errors';
import { writeAll } from './temp-file';

/** Lines are durable after `sync`. After an error the ledger ends at its last whole line and takes no more. */
export interface LedgerWriter {
  /** **Errors** StepError disk_*; the line does not count then. */
  append(line: LedgerLine): void;
  sync(): void;
  close(): void;
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

function ledgerOn(descriptor: number, file: string): LedgerWriter {
  const state = { end: 0, isDirty: false, isOpen: true };
  const sync = (): void => {
    if (!state.isDirty) return;
    onDisk(`sync ${file}`, () => {
      fs.fdatasyncSync(descriptor);
    });
    state.isDirty = false;
  };
  return {
    append: (line) => {
      if (!state.isOpen) throw new Error(`the ledger ${file} is closed`);
      const bytes = Buffer.from(`${JSON.stringify(line)}\n`);
      onDisk(`append to ${file}`, () => {
        appendWhole(descriptor, bytes, state);
      });
    },
    sync,
    close: () => {
      if (!state.isOpen) return;
      state.isOpen = false;
      try {
        sync();
      } finally {
        fs.closeSync(descriptor);
      }
    },
  };
}

function appendWhole(
  descriptor: number,
  bytes: Buffer,
  state: { end: number; isDirty: boolean; isOpen: boolean },
): void {
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
