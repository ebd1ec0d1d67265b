/** What on disk a warehouse is made from anew: the catalogs that were merged, in order, and what was recorded of runs. */
import fs from 'node:fs';
import type { RunRecord } from '../../contract/payloads';
import { relativeToRoot, runPaths, underRoot } from '../../files/data-root';
import { listMerges, type Merge } from '../../files/run/merge-mark';
import { readRecorded } from '../../files/run/recorded-run';
import { listRuns, type StoredRun } from '../../files/run/run-records';

/** **Shape** `merges` and `records` in the order in which they are to be written. */
export interface RebuildSources {
  readonly merges: readonly Omit<Merge, 'sequence'>[];
  readonly records: readonly RunRecord[];
  /** Runs with a catalog that was read but never merged: refused, or not that far. */
  readonly unmerged: readonly string[];
  /** Runs of which only progress.json tells how their steps ended. */
  readonly guessed: readonly string[];
}

/** **Errors** those of the file system. */
export function rebuildSources(root: string): RebuildSources {
  const runs = [...listRuns(root)].reverse();
  const marked = listMerges(root).map((merge) => withFiles(root, merge));
  const known = new Set(marked.map(({ runId }) => runId));
  const withCatalog = runs.filter(
    ({ run }) => !known.has(run.runId) && fs.existsSync(runPaths(root, run.runId).catalogParquet),
  );
  const guessed = withCatalog
    .filter((run) => isBeyondIngest(root, run))
    .map((run) => mergeOf(root, run));
  const guessedIds = guessed.map(({ runId }) => runId);
  const records = runs.map(({ run }) => readRecorded(root, run.runId));
  return {
    merges: guessed.reduce(insertByStart, marked),
    records: [
      ...guessed.map(({ record }) => record).filter(({ runId }) => !hasRecord(records, runId)),
      ...records.filter((record) => record !== null),
    ],
    unmerged: withCatalog.map(({ run }) => run.runId).filter((id) => !guessedIds.includes(id)),
    guessed: guessedIds.filter((runId) => !hasRecord(records, runId)),
  };
}

function hasRecord(records: readonly (RunRecord | null)[], runId: string): boolean {
  return records.some((record) => record?.runId === runId);
}

/** The files beside the mark; the run's own where those were taken away. */
function withFiles(root: string, merge: Merge): Merge {
  if (fs.existsSync(underRoot(root, merge.parquet))) return merge;
  const { catalogParquet, rejects } = runPaths(root, merge.runId);
  return {
    ...merge,
    parquet: relativeToRoot(root, catalogParquet),
    rejects: relativeToRoot(root, rejects),
  };
}

/** Merges without a mark (an earlier program's): a run that went beyond ingest has merged its catalog, one that did not has not. */
function isBeyondIngest(root: string, { run, progress, summary }: StoredRun): boolean {
  // Who records runs marks merges too: without a mark there was none.
  if (readRecorded(root, run.runId) !== null) return false;
  if (run.input.steps?.includes('ingest') === false) return false;
  if (summary?.state === 'completed') return true;
  const step = progress?.step ?? null;
  return step !== null && (step.name !== 'ingest' || step.state === 'completed');
}

function mergeOf(root: string, stored: StoredRun): Omit<Merge, 'sequence'> {
  const { runId } = stored.run;
  const { catalogParquet, rejects } = runPaths(root, runId);
  return {
    runId,
    parquet: relativeToRoot(root, catalogParquet),
    rejects: relativeToRoot(root, rejects),
    record: recordFrom(stored),
  };
}

/** As far as progress.json and summary.json know: no step's times, and only the last step's failure. */
function recordFrom({ run, progress, summary }: StoredRun): RunRecord {
  const steps = run.input.steps ?? [];
  const last = progress?.step ?? null;
  const reached = steps.findIndex((name) => name === last?.name);
  const stateOf = (place: number): 'completed' | 'pending' =>
    place < reached ? 'completed' : 'pending';
  return {
    runId: run.runId,
    workflowId: run.workflowId,
    state: summary?.state ?? progress?.state ?? 'running',
    code: last?.code ?? null,
    detail: last?.detail ?? null,
    startedAt: run.startedAt,
    endedAt: summary?.endedAt ?? null,
    steps: steps.map((name, place) => ({
      ...(name === last?.name ? last : { name, state: stateOf(place), code: null, detail: null }),
      startedAt: null,
      endedAt: null,
    })),
  };
}

function insertByStart(
  merges: readonly Omit<Merge, 'sequence'>[],
  one: Omit<Merge, 'sequence'>,
): readonly Omit<Merge, 'sequence'>[] {
  const later = merges.findIndex(({ record }) => record.startedAt > one.record.startedAt);
  const place = later === -1 ? merges.length : later;
  return [...merges.slice(0, place), one, ...merges.slice(place)];
}
