/** Collects the sources of a rebuild: the merged catalogs in their order, and the recorded runs. */
import fs from 'node:fs';
import type { RunRecord } from '../../contract/payloads';
import { relativeToRoot, runPaths, underRoot } from '../../files/data-root';
import { listMerges, type Merge } from '../../files/run/merge-mark';
import { readRecorded } from '../../files/run/recorded-run';
import { listRuns, type StoredRun } from '../../files/run/run-records';

/**
 * The sources of a rebuild. `merges` and `records` are in the order in which they must be written.
 */
export interface RebuildSources {
  readonly merges: readonly Omit<Merge, 'sequence'>[];
  readonly records: readonly RunRecord[];
  /**
   * Runs whose catalog was parsed but never merged, because it was refused or the run ended before
   * the merge.
   */
  readonly unmerged: readonly string[];
  /** Runs whose steps are known only from progress.json. */
  readonly guessed: readonly string[];
}

/**
 * Reads the sources of a rebuild from the disk.
 *
 * @throws errors of the file system.
 */
export function readRebuildSources(root: string): RebuildSources {
  const runs = [...listRuns(root)].reverse();
  const marked = listMerges(root).map((merge) => withExistingFiles(root, merge));
  const markedRunIds = new Set(marked.map(({ runId }) => runId));
  const withCatalog = runs.filter(
    ({ run }) =>
      !markedRunIds.has(run.runId) && fs.existsSync(runPaths(root, run.runId).catalogParquet),
  );
  const guessed = withCatalog
    .filter((run) => isBeyondIngest(root, run))
    .map((run) => mergeWithoutMark(root, run));
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

/** Uses the files beside the mark, or the run's own files if those were removed. */
function withExistingFiles(root: string, merge: Merge): Merge {
  if (fs.existsSync(underRoot(root, merge.parquet))) return merge;
  const { catalogParquet, rejects } = runPaths(root, merge.runId);
  return {
    ...merge,
    parquet: relativeToRoot(root, catalogParquet),
    rejects: relativeToRoot(root, rejects),
  };
}

/**
 * Whether a run of an earlier program, which wrote no marks, has merged its catalog: a run that
 * went beyond ingest has, any other has not.
 */
function isBeyondIngest(root: string, { run, progress, summary }: StoredRun): boolean {
  // A program that writes recorded.json also marks merges, so without a mark there was no merge.
  if (readRecorded(root, run.runId) !== null) return false;
  if (run.input.steps?.includes('ingest') === false) return false;
  if (summary?.state === 'completed') return true;
  const step = progress?.step ?? null;
  return step !== null && (step.name !== 'ingest' || step.state === 'completed');
}

function mergeWithoutMark(root: string, stored: StoredRun): Omit<Merge, 'sequence'> {
  const { runId } = stored.run;
  const { catalogParquet, rejects } = runPaths(root, runId);
  return {
    runId,
    collection: stored.run.input.collection,
    parquet: relativeToRoot(root, catalogParquet),
    rejects: relativeToRoot(root, rejects),
    record: recordFromProgress(stored),
  };
}

/**
 * The record of a run as far as progress.json and summary.json contain it: without the times of
 * steps, and with the failure of the last step only.
 */
function recordFromProgress({ run, progress, summary }: StoredRun): RunRecord {
  const steps = run.input.steps ?? [];
  const lastStep = progress?.step ?? null;
  const lastIndex = steps.findIndex((name) => name === lastStep?.name);
  const stepStateAt = (index: number): 'completed' | 'pending' =>
    index < lastIndex ? 'completed' : 'pending';
  return {
    runId: run.runId,
    workflowId: run.workflowId,
    state: summary?.state ?? progress?.state ?? 'running',
    code: lastStep?.code ?? null,
    detail: lastStep?.detail ?? null,
    startedAt: run.startedAt,
    endedAt: summary?.endedAt ?? null,
    steps: steps.map((name, index) => ({
      ...(name === lastStep?.name
        ? lastStep
        : { name, state: stepStateAt(index), code: null, detail: null }),
      startedAt: null,
      endedAt: null,
    })),
  };
}

function insertByStart(
  merges: readonly Omit<Merge, 'sequence'>[],
  added: Omit<Merge, 'sequence'>,
): readonly Omit<Merge, 'sequence'>[] {
  const firstLater = merges.findIndex(({ record }) => record.startedAt > added.record.startedAt);
  const position = firstLater === -1 ? merges.length : firstLater;
  return [...merges.slice(0, position), added, ...merges.slice(position)];
}
