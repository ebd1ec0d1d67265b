/**
 * Check K4: the snapshot is the fold of the ledgers, and no run that has ended has anything left to
 * commit.
 */
import { listFeatureLedgers, listLedgers } from '../files/ledger/ledger-reader';
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
  for (const { path, bytes, runId } of [...listLedgers(runs), ...listFeatureLedgers(runs)]) {
    const left = bytes - (applied.get(path) ?? 0);
    if (left > 0 && hasEnded(dataRoot, runId))
      finding.problem(`${path}: its run has ended, but ${left} bytes are not committed`);
  }
  return finding.check();
}

function hasEnded(root: string, runId: string): boolean {
  const state = readRun({ root, runId })?.summary?.state;
  return state === 'completed' || state === 'cancelled' || state === 'aborted';
}
