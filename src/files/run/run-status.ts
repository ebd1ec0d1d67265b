/**
 * What `status` reports. It is read from the disk alone, so that it works while the database is
 * locked and Temporal is down.
 */
import fs from 'node:fs';
import path from 'node:path';
import { FINAL_STATES, type IngestProgress, type RunEntry } from '../../contract/run-record';
import { readCommitted } from '../ledger/committed-record';
import { dataRootPaths, relativeToRoot, runPaths } from '../data-root';
import { fileHolder } from '../process/file-holder';
import { listLedgers } from '../ledger/ledger-reader';
import { readIngestProgress } from './ingest-progress';
import { listRuns, progressTouchedAt, readRun, type StoredRun } from './run-records';
import { tallyLedgers, type Tally } from '../ledger/ledger-tally';

/** The output of `status --json`. Sizes are in bytes, times in ISO 8601 UTC. */
export interface StatusReport {
  readonly v: 1;
  /** The newest first. */
  readonly runs: readonly RunEntry[];
  readonly warehouse: {
    readonly present: boolean;
    readonly bytes: number;
    readonly lockedBy: string | null;
  };
  readonly snapshot: { readonly present: boolean; readonly publishedAt: string | null };
}

/** A run without an end counts as cut off when nothing has changed for this time, in ms. */
export const CUT_OFF_AFTER_MS = 300_000;

/** States in which nothing changes until an operator acts. */
const STATES_AT_REST: ReadonlySet<RunEntry['state']> = new Set(['parked', 'paused']);

/** Reads the status of a data root. An empty or missing data root is not an error. */
export async function readStatus(root: string, now: Date): Promise<StatusReport> {
  const runs = await Promise.all(listRuns(root).map((run) => buildRunEntry(root, run, now)));
  return { v: 1, runs, warehouse: warehouseStatus(root), snapshot: snapshotStatus(root) };
}

/** The status of one run. Null while the run has no record. */
export async function readRunEntry(
  root: string,
  runId: string,
  now: Date,
): Promise<RunEntry | null> {
  const stored = readRun({ root, runId });
  return stored === null ? null : buildRunEntry(root, stored, now);
}

async function buildRunEntry(root: string, stored: StoredRun, now: Date): Promise<RunEntry> {
  const { run, progress, summary } = stored;
  const recorded = progress === null ? entryWithoutProgress(stored) : withoutFileFields(progress);
  const base: RunEntry = {
    ...recorded,
    collection: run.input.collection ?? null,
    catalog: run.catalog?.counts ?? null,
    ingest: summary === null ? ingestOf(root, recorded) : null,
    report: summary === null ? null : reportOf(root, run.runId),
  };
  if (summary !== null)
    return { ...base, state: summary.state, ...finalCounts(stored), cutOff: false };
  const { runId } = run;
  const committed = readCommitted(root, runId);
  const ledgers = listLedgers({ root, runId });
  const tails = ledgers.map((ledger) => ({
    file: path.join(root, ledger.path),
    from: committed.ledgers[ledger.path] ?? 0,
    size: ledger.bytes,
  }));
  const entry = withTally(base, addTallies(committed.counts, await tallyLedgers(tails)));
  const movedAt = latestTime([
    Date.parse(entry.updatedAt),
    ...ledgers.map(({ modifiedAtMs }) => modifiedAtMs),
    // A run that waits for another one may have no new record for hours.
    entry.state === 'waiting' ? progressTouchedAt({ root, runId }) : 0,
  ]);
  // Records contain the server's time, which may differ from this machine's. The time at which they
  // were written counts too.
  const aliveAt = latestTime([movedAt, progressTouchedAt({ root, runId })]);
  return {
    ...entry,
    state: stateBeforeSummary(entry.state),
    updatedAt: new Date(movedAt).toISOString(),
    cutOff:
      entry.cutOff ||
      (!STATES_AT_REST.has(entry.state) && now.getTime() - aliveAt > CUT_OFF_AFTER_MS),
  };
}

/** A report is drawn when the run ends. One that was drawn before is not the run's. */
function reportOf(root: string, runId: string): string | null {
  const { report } = runPaths(root, runId);
  return fs.existsSync(report) ? relativeToRoot(root, report) : null;
}

/** A killed worker leaves its record, which counts only while the step runs. */
function ingestOf(root: string, { runId, step }: RunEntry): IngestProgress | null {
  const isIngesting = step?.name === 'ingest' && step.state === 'running';
  return isIngesting ? readIngestProgress({ root, runId }) : null;
}

/**
 * The last progress record is written shortly before summary.json. Until then the run does not
 * count as ended, so that every reader of an ended run finds its summary.
 */
function stateBeforeSummary(state: RunEntry['state']): RunEntry['state'] {
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

function finalCounts({ summary }: StoredRun): Partial<RunEntry> {
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

function addTallies(a: Tally, b: Tally): Tally {
  return {
    stored: a.stored + b.stored,
    notModified: a.notModified + b.notModified,
    failed: a.failed + b.failed,
    bytes: a.bytes + b.bytes,
  };
}

/**
 * Adds outcomes that the ledgers have beyond the last record. The record's number of committed
 * outcomes stays.
 */
function withTally(entry: RunEntry, tally: Tally): RunEntry {
  const stored = Math.max(entry.stored, tally.stored);
  const notModified = Math.max(entry.notModified, tally.notModified);
  const failed = Math.max(entry.failed, tally.failed);
  return { ...entry, stored, notModified, failed, bytes: Math.max(entry.bytes, tally.bytes) };
}

function entryWithoutProgress({ run }: StoredRun): RunEntry {
  return {
    runId: run.runId,
    workflowId: run.workflowId,
    state: 'running',
    step: null,
    planned: 0,
    stored: 0,
    notModified: 0,
    failed: 0,
    committed: 0,
    bytes: 0,
    ratePerSecond: 0,
    secondsLeft: null,
    startedAt: run.startedAt,
    updatedAt: run.startedAt,
    cutOff: false,
  };
}

function warehouseStatus(root: string): StatusReport['warehouse'] {
  const { warehouse } = dataRootPaths(root);
  const stat = fs.statSync(warehouse, { throwIfNoEntry: false });
  if (stat === undefined) return { present: false, bytes: 0, lockedBy: null };
  const holder = fileHolder(warehouse);
  const lockedBy = holder === null ? null : `${holder.pid} ${holder.program}`;
  return { present: true, bytes: stat.size, lockedBy };
}

function snapshotStatus(root: string): StatusReport['snapshot'] {
  const stat = fs.statSync(dataRootPaths(root).snapshot, { throwIfNoEntry: false });
  return { present: stat !== undefined, publishedAt: stat?.mtime.toISOString() ?? null };
}

function latestTime(times: readonly number[]): number {
  return times.reduce((a, b) => Math.max(a, b));
}
