/**
 * Check K4: the snapshot is the fold of the ledgers, and no run that has ended has anything left to
 * commit.
 */
import path from 'node:path';
import { listFeatureLedgers, listLedgers, readLedgerTexts } from '../files/ledger/ledger-reader';
import { readRun } from '../files/run/run-records';
import type { Database } from '../warehouse/driver/database';
import { rowsOf } from '../warehouse/driver/database';
import { replayLedgers } from '../warehouse/rebuild/replay-ledgers';
import { Finding, type Check } from './check-result';

export async function checkLedgerFold(database: Database, dataRoot: string): Promise<Check> {
  const finding = new Finding('K4');
  const { lines, differences } = await replayLedgers(database, dataRoot);
  finding.count(lines);
  for (const { message, rowCount } of differences) finding.problem(message, rowCount);
  const commits = await rowsOf(database, 'SELECT ledger, byte_count FROM etl_commit');
  const applied = new Map(commits.map((row) => [String(row.ledger), Number(row.byte_count)]));
  const runs = { root: dataRoot, runId: null };
  for (const { path: ledger, bytes, runId } of [
    ...listLedgers(runs),
    ...listFeatureLedgers(runs),
  ]) {
    const from = applied.get(ledger) ?? 0;
    if (bytes <= from || !hasEnded(dataRoot, runId)) continue;
    const left = await countWholeLines(path.join(dataRoot, ledger), from);
    if (left > 0)
      finding.problem(`${ledger}: its run has ended, but ${left} lines are not committed`);
  }
  return finding.check();
}

/**
 * The whole lines from an offset on. What a power cut leaves of the last lines (a part of a line,
 * or zeros) is never committed, and its images are fetched again.
 */
async function countWholeLines(file: string, from: number): Promise<number> {
  let lines = 0;
  for await (const { number } of readLedgerTexts(file, from)) lines = number;
  return lines;
}

function hasEnded(root: string, runId: string): boolean {
  const state = readRun({ root, runId })?.summary?.state;
  return state === 'completed' || state === 'cancelled' || state === 'aborted';
}
