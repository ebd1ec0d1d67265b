/**
 * Check K4: the snapshot is the fold of the ledgers, and no run that has ended has anything left to
 * commit.
 */
import path from 'node:path';
import { parseFeatureLine } from '../files/ledger/feature-ledger';
import {
  listFeatureLedgers,
  listLedgers,
  readLedgerTexts,
  type LedgerFile,
} from '../files/ledger/ledger-reader';
import { readRun } from '../files/run/run-records';
import type { Database } from '../warehouse/driver/database';
import { firstRow, rowsOf } from '../warehouse/driver/database';
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
  const countLeft = async (ledgers: readonly LedgerFile[], count: CountLines): Promise<void> => {
    for (const { path: ledger, bytes, runId } of ledgers) {
      const from = applied.get(ledger) ?? 0;
      if (bytes <= from || !hasEnded(dataRoot, runId)) continue;
      const left = await count(path.join(dataRoot, ledger), from);
      if (left > 0)
        finding.problem(`${ledger}: its run has ended, but ${left} lines are not committed`);
    }
  };
  await countLeft(listLedgers(runs), countWholeLines);
  await countLeft(listFeatureLedgers(runs), (file, from) => countNews(database, file, from));
  return finding.check();
}

/** Counts lines of a ledger from an offset on. */
type CountLines = (file: string, from: number) => Promise<number>;

/**
 * The whole lines from an offset on. What a power cut leaves of the last lines (a part of a line,
 * or zeros) is never committed, and its images are fetched again.
 */
async function countWholeLines(file: string, from: number): Promise<number> {
  let lines = 0;
  for await (const { number } of readLedgerTexts(file, from)) lines = number;
  return lines;
}

/**
 * The whole lines of a ledger of features that say more than the snapshot. A worker that stood
 * still, and continues when its successor has ended the run, still writes the line of the file that
 * it was computing. The values in it are those that the successor's line has.
 */
async function countNews(database: Database, file: string, from: number): Promise<number> {
  const lines = [];
  for await (const { text } of readLedgerTexts(file, from)) {
    const line = parseFeatureLine(text);
    if (line !== null)
      lines.push({ sha256: line.sha256, version: line.version, outcome: line.outcome });
  }
  if (lines.length === 0) return 0;
  const { news } = await firstRow(
    database,
    `SELECT count(*) AS news FROM (
       SELECT unnest(from_json(?::JSON, '[{"sha256": "VARCHAR", "version": "INTEGER", "outcome": "VARCHAR"}]'), recursive := true)) AS late
     WHERE NOT EXISTS (
       SELECT 1 FROM fact_feature AS known
       WHERE known.sha256 = late.sha256 AND known.version = late.version
         AND known.outcome IN ('computed', late.outcome))`,
    [JSON.stringify(lines)],
  );
  return Number(news);
}

function hasEnded(root: string, runId: string): boolean {
  const state = readRun({ root, runId })?.summary?.state;
  return state === 'completed' || state === 'cancelled' || state === 'aborted';
}
