/** The records of a run on disk: run.json, progress.json, summary.json. Each is replaced whole, or written once. */
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

/** What is on disk of one run. */
export interface StoredRun {
  readonly run: RunFile;
  readonly progress: ProgressFile | null;
  readonly summary: Summary | null;
}

/** Writes run.json once: an existing one keeps everything, its `startedAt` above all. */
export function writeRunFile(options: { readonly root: string; readonly run: RunFile }): void {
  const file = runPaths(options.root, options.run.runId).run;
  if (fs.existsSync(file)) return;
  writeJson(options.root, file, options.run);
}

/** Fills in which catalog the run read. */
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
 * Replaces progress.json. Refused silently: an older record, and news of a life that has told its end.
 * A later life (the run was reset) takes the former end away: the run lives again, until it ends again.
 */
export function writeProgress(options: {
  readonly root: string;
  readonly runId: string;
  readonly progress: ProgressFile;
}): void {
  const { root, runId, progress } = options;
  const files = runPaths(root, runId);
  const before = readRecord(files.progress, isProgress);
  if (before !== null && before.sequence >= progress.sequence) return;
  const hasSummary = fs.existsSync(files.summary);
  if (hasSummary && hasEnded(before, progress.life)) return;
  writeJson(root, files.progress, progress);
  if (hasSummary) takeEndAway(files.summary);
}

/** Says of a run that only waits, whose record does not change, that somebody still works on it. */
export function touchProgress({ root, runId, now }: Touch): void {
  const file = runPaths(root, runId).progress;
  // No record yet: then it is young enough.
  if (fs.existsSync(file)) fs.utimesSync(file, now, now);
}

interface Touch {
  readonly root: string;
  readonly runId: string;
  readonly now: Date;
}

/** When progress.json was written or touched last. **Units** ms since the epoch; 0: never. */
export function progressTouchedAt(options: {
  readonly root: string;
  readonly runId: string;
}): number {
  const file = runPaths(options.root, options.runId).progress;
  // Rounded: a file system keeps 105.999 ms of what was set as 106.
  return Math.round(fs.statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0);
}

/**
 * Writes summary.json once; refused when the run has been reset meanwhile, and has another life.
 *
 * **Shape** false when it was refused. **Idempotency** true again for the life whose end is there already.
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
 * A life of the run is at work: when the end on disk is a former one's, the run lives again.
 * What a former life left to do (a worker that was stopped) changes nothing: it was scheduled before that end.
 *
 * **Units** `scheduledAt` ms since the epoch, by the Temporal server's clock, as all times of a run are.
 */
export function reopenRun(options: {
  readonly root: string;
  readonly runId: string;
  readonly life: string;
  readonly scheduledAt: number;
}): void {
  const { root, runId, life, scheduledAt } = options;
  const stored = readRun({ root, runId });
  if (stored?.summary == null || hasEnded(stored.progress, life)) return;
  if (scheduledAt <= Date.parse(stored.summary.endedAt)) return;
  const { progress } = stored;
  const files = runPaths(root, runId);
  if (progress !== null && progress.life !== life) {
    const updatedAt = new Date(scheduledAt).toISOString();
    const news = { life, sequence: scheduledAt, updatedAt, state: 'running' as const };
    writeJson(root, files.progress, { ...progress, ...news });
  }
  takeEndAway(files.summary);
}

/** The last record of a life says how it ended; its summary follows. */
function hasEnded(last: ProgressFile | null, life: string | undefined): boolean {
  return last !== null && last.life === life && FINAL_STATES.has(last.state);
}

function takeEndAway(summary: string): void {
  onDisk(`take away ${summary}, the end of a run that was reset`, () => {
    fs.rmSync(summary, { force: true });
  });
}

/** What is on disk of a run; null when it has no run.json. */
export function readRun(options: {
  readonly root: string;
  readonly runId: string;
}): StoredRun | null {
  const files = runPaths(options.root, options.runId);
  const run = readRecord(files.run, isRunFile);
  if (run === null) return null;
  // In this order: a run that has its summary has its last progress record too.
  const summary = readRecord(files.summary, isSummary);
  return { run, progress: readRecord(files.progress, isProgress), summary };
}

/** An operator has paused it, and it has not ended. */
export function isPaused(options: { readonly root: string; readonly runId: string }): boolean {
  const stored = readRun(options);
  return stored?.summary === null && stored.progress?.state === 'paused';
}

/** In no order; also of folders that hold no run. */
export function listRunIds(root: string): readonly string[] {
  const { runs } = dataRootPaths(root);
  return fs.existsSync(runs) ? fs.readdirSync(runs) : [];
}

/** All runs, newest first. */
export function listRuns(root: string): readonly StoredRun[] {
  const stored = listRunIds(root).map((runId) => readRun({ root, runId }));
  return stored
    .filter((run) => run !== null)
    .sort((a, b) => b.run.startedAt.localeCompare(a.run.startedAt));
}

function writeJson(root: string, file: string, value: object): void {
  writeFileAtomically({ root, path: file, content: `${JSON.stringify(value, null, 2)}\n` });
}

/** Our own records are written whole; one that does not look like it was damaged by others and counts as absent. */
function readRecord<T>(file: string, isOne: (value: unknown) => value is T): T | null {
  try {
    const value: unknown = JSON.parse(fs.readFileSync(file, 'utf8'));
    return isOne(value) ? value : null;
  } catch {
    return null;
  }
}

const identified = z.object({
  v: z.literal(1),
  runId: z.string(),
  workflowId: z.string(),
  startedAt: z.string(),
});
const isRunFile = (value: unknown): value is RunFile => identified.safeParse(value).success;
const isProgress = (value: unknown): value is ProgressFile =>
  identified
    .extend({
      sequence: z.number(),
      updatedAt: z.string(),
      life: z.string().optional(),
    })
    .safeParse(value).success;
const isSummary = (value: unknown): value is Summary =>
  identified.extend({ endedAt: z.string(), run: z.object({}) }).safeParse(value).success;
