/**
 * The data root: names and places of everything that is kept in it.
 *
 * docs/reference/files.md describes each. Paths in payloads, tables and ledgers are relative to it, with `/`.
 */
import path from 'node:path';

/** Absolute paths of the fixed places below a data root. */
export interface DataRootPaths {
  readonly root: string;
  readonly identity: string;
  readonly catalogs: string;
  readonly thumbs: string;
  readonly tmp: string;
  readonly runs: string;
  readonly quarantine: string;
  readonly repair: string;
  readonly verify: string;
  readonly lease: string;
  readonly warehouse: string;
  readonly warehouseLock: string;
  readonly snapshot: string;
  readonly temporal: string;
}

/** A process has one data root, and asks for its places for every image. */
const known = new Map<string, DataRootPaths>();

/** Where the fixed places are. **Errors** none: nothing is touched. */
export function dataRootPaths(root: string): DataRootPaths {
  const paths = known.get(root) ?? pathsBelow(root);
  known.set(root, paths);
  return paths;
}

function pathsBelow(root: string): DataRootPaths {
  const absolute = path.resolve(root);
  const at = (...parts: readonly string[]): string => path.join(absolute, ...parts);
  return {
    root: absolute,
    identity: at('artemis.json'),
    catalogs: at('catalogs'),
    thumbs: at('raw', 'images', 'thumbs'),
    tmp: at('tmp'),
    runs: at('runs'),
    quarantine: at('quarantine'),
    repair: at('repair'),
    verify: at('verify'),
    lease: at('lease'),
    warehouse: at('warehouse.duckdb'),
    warehouseLock: at('warehouse.lock'),
    snapshot: at('warehouse.snapshot.duckdb'),
    temporal: at('temporal'),
  };
}

/** Absolute paths of what one run keeps. */
export interface RunPaths {
  readonly folder: string;
  readonly run: string;
  readonly catalogParquet: string;
  readonly rejects: string;
  readonly merged: string;
  readonly recorded: string;
  readonly plan: string;
  readonly ledger: string;
  readonly executions: string;
  readonly progress: string;
  readonly committed: string;
  readonly summary: string;
}

/** Where one run's files are. **Errors** none: nothing is touched. */
export function runPaths(root: string, runId: string): RunPaths {
  const folder = path.join(dataRootPaths(root).runs, runId);
  const at = (name: string): string => path.join(folder, name);
  return {
    folder,
    run: at('run.json'),
    catalogParquet: at('catalog.parquet'),
    rejects: at('rejects.ndjson'),
    merged: at('merged'),
    recorded: at('recorded.json'),
    plan: at('plan'),
    ledger: at('ledger'),
    executions: at('executions'),
    progress: at('progress.json'),
    committed: at('committed.json'),
    summary: at('summary.json'),
  };
}

/** Path relative to the data root, with `/`, as payloads and tables carry it. */
export function relativeToRoot(root: string, absolute: string): string {
  return path.relative(path.resolve(root), absolute).split(path.sep).join('/');
}

/** The other way round. */
export function underRoot(root: string, relative: string): string {
  return path.join(path.resolve(root), ...relative.split('/'));
}
