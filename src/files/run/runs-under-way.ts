/** Finds, from the disk alone, the runs that may be in progress in a data root. */
import fs from 'node:fs';
import path from 'node:path';
import { FINAL_STATES, type RunEntry } from '../../contract/run-record';
import { listLedgers, parseLedgerLine } from '../ledger/ledger-reader';
import { readRun } from './run-records';
import { CUT_OFF_AFTER_MS, readStatus } from './run-status';

/** The last line of a ledger is within this number of bytes. */
const TAIL_BYTES = 1 << 16;

/**
 * Runs without an end in which something has changed recently, and runs that were reset: their
 * ledgers grow after the recorded end.
 */
export async function runsUnderWay(root: string, now = new Date()): Promise<readonly RunEntry[]> {
  const { runs } = await readStatus(root, now);
  return runs.filter((run) => {
    if (FINAL_STATES.has(run.state)) return growsAfterEnd(root, run.runId, now);
    return now.getTime() - Date.parse(run.updatedAt) <= CUT_OFF_AFTER_MS;
  });
}

/** Compares the times in the newest lines, because copying a file changes its modification time. */
function growsAfterEnd(root: string, runId: string, now: Date): boolean {
  const endedAt = Date.parse(readRun({ root, runId })?.summary?.endedAt ?? '');
  return listLedgers({ root, runId }).some((ledger) => {
    const file = path.join(root, ledger.path);
    if (now.getTime() - fs.statSync(file).mtimeMs > CUT_OFF_AFTER_MS) return false;
    return Date.parse(timeOfLastLine(file)) > endedAt;
  });
}

/** The time in the last whole line. Empty if there is none. */
function timeOfLastLine(file: string): string {
  const buffer = Buffer.alloc(TAIL_BYTES);
  const descriptor = fs.openSync(file, 'r');
  try {
    const { size } = fs.fstatSync(descriptor);
    const length = fs.readSync(descriptor, buffer, 0, TAIL_BYTES, Math.max(0, size - TAIL_BYTES));
    const texts = buffer.toString('utf8', 0, length).split('\n').slice(0, -1);
    return parseLedgerLine(texts.at(-1) ?? '')?.at ?? '';
  } finally {
    fs.closeSync(descriptor);
  }
}
