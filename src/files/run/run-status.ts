/** What `status` tells: read from the disk alone, so that it works while the database is locked and Temporal is down. */
import fs from 'node:fs';
import path from 'node:path';
import { FINAL_STATES, type RunEntry } from '../../contract/run-record';
import { readCommitted } from '../ledger/committed-record';
import { dataRootPaths } from '../data-root';
import { fileHolder } from '../process/file-holder';
import { listLedgers } from '../ledger/ledger-reader';
import { listRuns, progressTouchedAt, readRun, type StoredRun } from './run-records';
import { tallyLedgers, type Tally } from '../ledger/ledger-tally';

/** `status --json`. **Units** bytes; times ISO 8601 UTC. */
export interface StatusReport {
  readonly v: 1;
  /** Newest first. */
  readonly runs: readonly RunEntry[];
  readonly warehouse: {
    readonly present: boolean;
    readonly bytes: number;
    readonly lockedBy: string | null;
  };
  readonly snapshot: { readonly present: boolean; readonly publishedAt: string | null };
}

/** A run that has no end and of which nothing has moved for so long was cut off. **Units** ms. */
export const CUT_OFF_AFTER_MS = 300_000;

/** Nothing moves in them, by somebody's will. */
const RESTING: ReadonlySet<RunEntry['state']> = new Set(['parked', 'paused']);

/** An empty or missing data root is no error. */
export async function readStatus(root: string, now: Date): Promise<StatusReport> {
  const runs = await Promise.all(listRuns(root).map((run) => entryOf(root, run, now)));
  return { v: 1, runs, warehouse: warehouseOf(root), snapshot: snapshotOf(root) };
}

/** One run's entry; null when it is not known yet. */
export async function readRunEntry(
  root: string,
  runId: string,
  now: Date,
): Promise<RunEntry | null> {
  const stored = readRun({ root, runId });
  return stored === null ? null : entryOf(root, stored, now);
}

async function entryOf(root: string, stored: StoredRun, now: Date): Promise<RunEntry> {
  const { run, progress, summary } = stored;
  const known = progress === null ? unrecorded(stored) : withoutFileFields(progress);
  const base: RunEntry = { ...known, catalog: run.catalog?.counts ?? null };
  if (summary !== null) return { ...base, state: summary.state, ...ended(stored), cutOff: false };
  const { runId } = run;
  const committed = readCommitted(root, runId);
  const tails = listLedgers({ root, runId }).map((ledger) => ({
    file: path.join(root, ledger.path),
    from: committed.ledgers[ledger.path] ?? 0,
    size: ledger.bytes,
  }));
  const entry = withTally(base, sumOf(committed.counts, await tallyLedgers(tails)));
  const movedAt = latest([
    Date.parse(entry.updatedAt),
    ...tails.map(({ file }) => fs.statSync(file).mtimeMs),
    // Who waits for another run has nothing to tell, for hours.
    entry.state === 'waiting' ? progressTouchedAt({ root, runId }) : 0,
  ]);
  // Records tell the server's time, which may be another than this machine's: when they were written counts too.
  const aliveAt = latest([movedAt, progressTouchedAt({ root, runId })]);
  return {
    ...entry,
    state: beforeSummary(entry.state),
    updatedAt: new Date(movedAt).toISOString(),
    cutOff:
      entry.cutOff || (!RESTING.has(entry.state) && now.getTime() - aliveAt > CUT_OFF_AFTER_MS),
  };
}

/** The last record comes shortly before summary.json: who is told that a run ended shall find its summary. */
function beforeSummary(state: RunEntry['state']): RunEntry['state'] {
  if (!FINAL_STATES.has(state)) return state;
  return state === 'cancelled' ? 'cancelling' : 'running';
}

function withoutFileFields({
  v: _v,
  sequence: _sequence,
  life: _life,
  ...entry
}: NonNullable<StoredRun['progress']>): RunEntry {
  return entry;
}

function ended({ summary }: StoredRun): Partial<RunEntry> {
  if (summary === null) return {};
  const { planned, stored, notModified, failed, bytes } = summary.run;
  return {
    planned,
    stored,
    notModified,
    failed,
    bytes,
    updatedAt: summary.endedAt,
    secondsLeft: null,
  };
}

function sumOf(a: Tally, b: Tally): Tally {
  return {
    stored: a.stored + b.stored,
    notModified: a.notModified + b.notModified,
    failed: a.failed + b.failed,
    bytes: a.bytes + b.bytes,
  };
}

/** The ledgers know more than the last record; what the record says is committed stays. */
function withTally(entry: RunEntry, tally: Tally): RunEntry {
  const stored = Math.max(entry.stored, tally.stored);
  const notModified = Math.max(entry.notModified, tally.notModified);
  const failed = Math.max(entry.failed, tally.failed);
  return { ...entry, stored, notModified, failed, bytes: Math.max(entry.bytes, tally.bytes) };
}

function unrecorded({ run }: StoredRun): RunEntry {
  return {
    runId: run.runId,
    workflowId: run.workflowId,
    state: 'running',
    step: null,
    ...{ planned: 0, stored: 0, notModified: 0, failed: 0, committed: 0, bytes: 0 },
    ...{ ratePerSecond: 0, secondsLeft: null },
    ...{ startedAt: run.startedAt, updatedAt: run.startedAt, cutOff: false },
  };
}

function warehouseOf(root: string): StatusReport['warehouse'] {
  const { warehouse } = dataRootPaths(root);
  const stat = fs.statSync(warehouse, { throwIfNoEntry: false });
  if (stat === undefined) return { present: false, bytes: 0, lockedBy: null };
  const holder = fileHolder(warehouse);
  const lockedBy = holder === null ? null : `${holder.pid} ${holder.program}`;
  return { present: true, bytes: stat.size, lockedBy };
}

function snapshotOf(root: string): StatusReport['snapshot'] {
  const stat = fs.statSync(dataRootPaths(root).snapshot, { throwIfNoEntry: false });
  return { present: stat !== undefined, publishedAt: stat?.mtime.toISOString() ?? null };
}

function latest(times: readonly number[]): number {
  return times.reduce((a, b) => Math.max(a, b));
}
