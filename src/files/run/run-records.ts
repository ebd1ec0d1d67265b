/**
 * The records of a run on disk: run.json, progress.json and summary.json. Each is either replaced
 * as a whole or written once. In these records, `life` identifies the workflow execution that wrote
 * them; a reset starts another one.
 */
import fs from 'node:fs';
import { z } from 'zod';
import {
  FINAL_STATES,
  type ProgressFile,
  type RunFile,
  type Summary,
} from '../../contract/run-record';
import { writeFileAtomically } from '../write-file-atomically';
import { dataRootPaths, runPaths } from '../data-root';
import { onDisk } from '../disk-errors';
import { readJsonIfPresent } from '../read-if-present';

/** The records of one run. */
export interface StoredRun {
  readonly run: RunFile;
  readonly progress: ProgressFile | null;
  readonly summary: Summary | null;
}

/** Writes run.json unless it exists. An existing file is kept, in particular its `startedAt`. */
export function writeRunFile(options: { readonly root: string; readonly run: RunFile }): void {
  const file = runPaths(options.root, options.run.runId).run;
  if (fs.existsSync(file)) return;
  writeJson(options.root, file, options.run);
}

/** Adds the catalog that the run has read to run.json. */
export function recordCatalog(options: {
  readonly root: string;
  readonly runId: string;
  readonly catalog: RunFile['catalog'];
}): void {
  const file = runPaths(options.root, options.runId).run;
  const run = readRecord(file, isRunFile);
  if (run !== null) writeJson(options.root, file, { ...run, catalog: options.catalog });
}

/**
 * Replaces progress.json. Silently ignores an older record, and a record of a workflow execution
 * that has recorded its end.
 *
 * A later workflow execution of the run (after a reset) removes the summary of the former one,
 * because the run has not ended any more.
 */
export function writeProgress(options: {
  readonly root: string;
  readonly runId: string;
  readonly progress: ProgressFile;
}): void {
  const { root, runId, progress } = options;
  const files = runPaths(root, runId);
  const previous = readRecord(files.progress, isProgress);
  if (previous !== null && previous.sequence >= progress.sequence) return;
  const hasSummary = fs.existsSync(files.summary);
  if (hasSummary && recordsEndOf(previous, progress.life)) return;
  writeJson(root, files.progress, progress);
  if (hasSummary) removeSummary(files.summary);
}

/** Shows that a workflow still waits for a run whose record does not change meanwhile. */
export function touchProgress({ root, runId, now }: Touch): void {
  const file = runPaths(root, runId).progress;
  // A run without a record has just started.
  if (fs.existsSync(file)) fs.utimesSync(file, now, now);
}

interface Touch {
  readonly root: string;
  readonly runId: string;
  readonly now: Date;
}

/**
 * When progress.json was last written or touched, in ms since the epoch. 0 if it does not exist.
 */
export function progressTouchedAt(options: {
  readonly root: string;
  readonly runId: string;
}): number {
  const file = runPaths(options.root, options.runId).progress;
  // Rounded because a file system may return 105.999 ms for a time that was set to 106 ms.
  return Math.round(fs.statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0);
}

/**
 * Writes summary.json unless it exists.
 *
 * @returns false if another workflow execution has taken over the run after a reset. True if the
 *   summary is written, or was written before.
 */
export function writeSummary(options: {
  readonly root: string;
  readonly runId: string;
  readonly life: string;
  readonly summary: Summary;
}): boolean {
  const { root, runId, life, summary } = options;
  const files = runPaths(root, runId);
  const progress = readRecord(files.progress, isProgress);
  if ((progress?.life ?? life) !== life) return false;
  if (!fs.existsSync(files.summary)) writeJson(root, files.summary, summary);
  return true;
}

/**
 * Called when a workflow execution works on the run. If the summary on disk belongs to a former
 * execution, the run is marked as running again.
 *
 * Activities that a former execution scheduled before its end, and which a stopped worker runs
 * late, change nothing.
 *
 * @param options.scheduledAt ms since the epoch, by the Temporal server's clock, like all times of
 *   a run.
 */
export function reopenRun(options: {
  readonly root: string;
  readonly runId: string;
  readonly life: string;
  readonly scheduledAt: number;
}): void {
  const { root, runId, life, scheduledAt } = options;
  const stored = readRun({ root, runId });
  if (stored?.summary == null || recordsEndOf(stored.progress, life)) return;
  if (scheduledAt <= Date.parse(stored.summary.endedAt)) return;
  const { progress } = stored;
  const files = runPaths(root, runId);
  if (progress !== null && progress.life !== life) {
    const updatedAt = new Date(scheduledAt).toISOString();
    const restarted = { life, sequence: scheduledAt, updatedAt, state: 'running' as const };
    writeJson(root, files.progress, { ...progress, ...restarted });
  }
  removeSummary(files.summary);
}

/**
 * Whether the last progress record shows the end of this workflow execution. Its summary is written
 * next.
 */
function recordsEndOf(lastProgress: ProgressFile | null, life: string | undefined): boolean {
  return (
    lastProgress !== null && lastProgress.life === life && FINAL_STATES.has(lastProgress.state)
  );
}

function removeSummary(summary: string): void {
  onDisk(`take away ${summary}, the end of a run that was reset`, () => {
    fs.rmSync(summary, { force: true });
  });
}

/**
 * Reads the records of a run. Null if it has no run.json.
 *
 * @throws StepError disk_* when a record exists and cannot be read.
 */
export function readRun(options: {
  readonly root: string;
  readonly runId: string;
}): StoredRun | null {
  const files = runPaths(options.root, options.runId);
  const run = readRecord(files.run, isRunFile);
  if (run === null) return null;
  // The summary is read first: a run that has a summary also has its last progress record.
  const summary = readRecord(files.summary, isSummary);
  return { run, progress: readRecord(files.progress, isProgress), summary };
}

/** Whether an operator has paused the run and it has not ended. */
export function isPaused(options: { readonly root: string; readonly runId: string }): boolean {
  const stored = readRun(options);
  return stored?.summary === null && stored.progress?.state === 'paused';
}

/** The names of all folders in `runs/`, unordered, including folders without a run. */
export function listRunIds(root: string): readonly string[] {
  const { runs } = dataRootPaths(root);
  return fs.existsSync(runs) ? fs.readdirSync(runs) : [];
}

/** All runs, the newest first. */
export function listRuns(root: string): readonly StoredRun[] {
  const stored = listRunIds(root).map((runId) => readRun({ root, runId }));
  return stored
    .filter((run) => run !== null)
    .sort((a, b) => b.run.startedAt.localeCompare(a.run.startedAt));
}

function writeJson(root: string, file: string, value: object): void {
  writeFileAtomically({ root, path: file, content: `${JSON.stringify(value, null, 2)}\n` });
}

/**
 * Reads one record. Records are written atomically, so a file that does not match the schema was
 * damaged by another program and counts as absent.
 *
 * @throws StepError disk_* when the file cannot be read. A run whose record was taken for absent
 *   would be committed with another start, or recorded as ended by a workflow that lost it.
 */
function readRecord<T>(file: string, isValid: (value: unknown) => value is T): T | null {
  return readJsonIfPresent(z.unknown().refine(isValid), file);
}

const recordIdentity = z.object({
  v: z.literal(1),
  runId: z.string(),
  workflowId: z.string(),
  startedAt: z.string(),
});
const progressIdentity = recordIdentity.extend({
  sequence: z.number(),
  updatedAt: z.string(),
  life: z.string().optional(),
});
const summaryIdentity = recordIdentity.extend({ endedAt: z.string(), run: z.object({}) });

const isRunFile = (value: unknown): value is RunFile => recordIdentity.safeParse(value).success;
const isProgress = (value: unknown): value is ProgressFile =>
  progressIdentity.safeParse(value).success;
const isSummary = (value: unknown): value is Summary => summaryIdentity.safeParse(value).success;
