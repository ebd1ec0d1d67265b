/** What ended runs and former publications leave behind, but for images. Ledgers, catalogs and records of runs stay for ever. */
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
  /** **Errors** StepError disk_*. */
  readonly remove: () => void;
}

/** A write-ahead log that somebody's shell left beside the snapshot: publishing moved it aside. */
const STRAY_WAL = 'warehouse.snapshot.duckdb.wal.aside-';

/** **Errors** those of the file system. */
export function leftovers(root: string): readonly LeftoverGroup[] {
  return [
    groupOf(root, 'plans of ended runs', ofEndedRuns(root, 'plan')),
    groupOf(root, 'notes of executions of ended runs', ofEndedRuns(root, 'executions')),
    groupOf(root, 'lists of ended repairs', listsOfEndedRepairs(root)),
    groupOf(root, 'logs that others left beside the snapshot', strayLogs(root)),
    groupOf(root, 'temporary files of processes that are gone', abandonedTempFiles(root)),
    groupOf(root, 'files in quarantine', entriesOf(dataRootPaths(root).quarantine)),
  ];
}

function groupOf(root: string, what: string, paths: readonly string[]): LeftoverGroup {
  const items = paths.map((one) => ({ path: relativeToRoot(root, one), bytes: bytesOf(one) }));
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

/** A run without a summary may be retried: it needs its plan, and its notes. One that was reset after its end has made them anew. */
function ofEndedRuns(root: string, what: 'plan' | 'executions'): readonly string[] {
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
  return entriesOf(dataRootPaths(root).repair).filter(
    (file) => !needed.has(relativeToRoot(root, file)),
  );
}

function strayLogs(root: string): readonly string[] {
  return entriesOf(root).filter((file) => path.basename(file).startsWith(STRAY_WAL));
}

function entriesOf(folder: string): readonly string[] {
  if (!fs.existsSync(folder)) return [];
  return fs.readdirSync(folder).map((name) => path.join(folder, name));
}

function bytesOf(file: string): number {
  const stat = fs.lstatSync(file);
  if (!stat.isDirectory()) return stat.size;
  return entriesOf(file).reduce((sum, entry) => sum + bytesOf(entry), 0);
}
