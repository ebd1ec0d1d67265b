/**
 * What ended runs and earlier publications leave behind, apart from images. Ledgers, catalogs and
 * records of runs are kept for ever.
 */
import fs from 'node:fs';
import path from 'node:path';
import { dataRootPaths, relativeToRoot, runPaths } from '../files/data-root';
import { onDisk } from '../files/disk-errors';
import { listRuns } from '../files/run/run-records';
import { abandonedTempFiles } from '../files/temp-names';
import type { Prunable } from './prunable';

export interface LeftoverGroup {
  readonly what: string;
  readonly items: readonly Prunable[];
  /** @throws StepError disk_*. */
  readonly remove: () => void;
}

/**
 * A write-ahead log that another program left beside the snapshot, and that publishing moved aside.
 */
const STRAY_WAL = 'warehouse.snapshot.duckdb.wal.aside-';

/**
 * @param formerEmbeddings absolute paths.
 * @throws errors of the file system.
 */
export function leftovers(
  root: string,
  formerEmbeddings: readonly string[],
): readonly LeftoverGroup[] {
  return [
    leftoverGroup(root, 'plans of ended runs', [
      ...foldersOfEndedRuns(root, 'plan'),
      ...foldersOfEndedRuns(root, 'featurePlan'),
    ]),
    leftoverGroup(
      root,
      'notes of executions of ended runs',
      foldersOfEndedRuns(root, 'executions'),
    ),
    leftoverGroup(root, 'lists of ended repairs', listsOfEndedRepairs(root)),
    leftoverGroup(root, 'embeddings of former models', formerEmbeddings),
    leftoverGroup(root, 'logs that others left beside the snapshot', strayLogs(root)),
    leftoverGroup(root, 'temporary files of processes that are gone', abandonedTempFiles(root)),
    leftoverGroup(root, 'files in quarantine', listEntries(dataRootPaths(root).quarantine)),
  ];
}

function leftoverGroup(root: string, what: string, paths: readonly string[]): LeftoverGroup {
  const items = paths.map((one) => ({ path: relativeToRoot(root, one), bytes: byteCount(one) }));
  return {
    what,
    items,
    remove: () => {
      onDisk(`delete ${what}`, () => {
        for (const one of paths) fs.rmSync(one, { recursive: true, force: true });
      });
    },
  };
}

/**
 * These folders, or files, of runs that have ended. A run without a summary may be retried, and
 * then needs its plan and its notes. A run that is reset after its end has created them again.
 */
function foldersOfEndedRuns(
  root: string,
  what: 'plan' | 'featurePlan' | 'executions',
): readonly string[] {
  return listRuns(root).flatMap(({ run, summary }) => {
    const folder = runPaths(root, run.runId)[what];
    const changedAt = fs.statSync(folder, { throwIfNoEntry: false })?.mtimeMs;
    const isOver = summary !== null && changedAt !== undefined;
    return isOver && changedAt <= Date.parse(summary.endedAt) ? [folder] : [];
  });
}

function listsOfEndedRepairs(root: string): readonly string[] {
  const open = listRuns(root).filter(({ summary }) => summary === null);
  const needed = new Set(open.map(({ run }) => run.input.only ?? ''));
  return listEntries(dataRootPaths(root).repair).filter(
    (file) => !needed.has(relativeToRoot(root, file)),
  );
}

function strayLogs(root: string): readonly string[] {
  return listEntries(root).filter((file) => path.basename(file).startsWith(STRAY_WAL));
}

function listEntries(folder: string): readonly string[] {
  if (!fs.existsSync(folder)) return [];
  return fs.readdirSync(folder).map((name) => path.join(folder, name));
}

function byteCount(file: string): number {
  const stat = fs.lstatSync(file);
  if (!stat.isDirectory()) return stat.size;
  return listEntries(file).reduce((sum, entry) => sum + byteCount(entry), 0);
}
