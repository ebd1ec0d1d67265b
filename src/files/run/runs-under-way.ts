/** Which runs may be at work in a data root, as far as the disk tells. */
import fs from 'node:fs';
import path from 'node:path';
import { FINAL_STATES, type RunEntry } from '../../contract/run-record';
import { listLedgers, parseLine } from '../ledger/ledger-reader';
import { readRun } from './run-records';
import { CUT_OFF_AFTER_MS, readStatus } from './run-status';

/** **Units** bytes: the last line of a ledger is within them. */
const TAIL = 1 << 16;

/** Runs without an end of which something has moved lately, and those that were reset: their ledgers grow after their end was told. */
export async function runsUnderWay(root: string, now = new Date()): Promise<readonly RunEntry[]> {
  const { runs } = await readStatus(root, now);
  return runs.filter((run) => {
    if (FINAL_STATES.has(run.state)) return growsAfterEnd(root, run.runId, now);
    return now.getTime() - Date.parse(run.updatedAt) <= CUT_OFF_AFTER_MS;
  });
}

/** By what its newest lines say: the time of a file is another one after it was copied. */
function growsAfterEnd(root: string, runId: string, now: Date): boolean {
  const endedAt = Date.parse(readRun({ root, runId })?.summary?.endedAt ?? '');
  return listLedgers({ root, runId }).some((ledger) => {
    const file = path.join(root, ledger.path);
    if (now.getTime() - fs.statSync(file).mtimeMs > CUT_OFF_AFTER_MS) return false;
    return Date.parse(lastLineAt(file)) > endedAt;
  });
}

/** When the last whole line was written; empty where there is none. */
function lastLineAt(file: string): string {
  const tail = Buffer.alloc(TAIL);
  const descriptor = fs.openSync(file, 'r');
  try {
    const { size } = fs.fstatSync(descriptor);
    const length = fs.readSync(descriptor, tail, 0, TAIL, Math.max(0, size - TAIL));
    const texts = tail.toString('utf8', 0, length).split('\n').slice(0, -1);
    return parseLine(texts.at(-1) ?? '')?.at ?? '';
  } finally {
    fs.closeSync(descriptor);
  }
}
