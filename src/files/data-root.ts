/**
 * The data root: the names and paths of everything that is kept in it.
 *
 * docs/reference/files.md describes each of them. Paths in payloads, tables and ledgers are
 * relative to the data root and use `/`.
 */
import path from 'node:path';

/** Absolute paths of the fixed places below a data root. */
export interface DataRootPaths {
  readonly root: string;
  readonly identity: string;
  readonly catalogs: string;
  readonly models: string;
  readonly thumbs: string;
  readonly tmp: string;
  readonly runs: string;
  readonly quarantine: string;
  readonly repair: string;
  readonly verify: string;
  readonly lease: string;
  readonly derived: string;
  readonly previews: string;
  readonly embeddings: string;
  readonly warehouse: string;
  readonly warehouseLock: string;
  readonly snapshot: string;
  readonly contentMark: string;
  readonly temporal: string;
}

/**
 * A process works with one data root and needs its paths for every image, so they are computed
 * once.
 */
const pathsByRoot = new Map<string, DataRootPaths>();

/** The fixed places of a data root. Does not access the file system. */
export function dataRootPaths(root: string): DataRootPaths {
  const paths = pathsByRoot.get(root) ?? pathsBelow(root);
  pathsByRoot.set(root, paths);
  return paths;
}

function pathsBelow(root: string): DataRootPaths {
  const absolute = path.resolve(root);
  const inRoot = (...parts: readonly string[]): string => path.join(absolute, ...parts);
  return {
    root: absolute,
    identity: inRoot('artemis.json'),
    catalogs: inRoot('catalogs'),
    models: inRoot('models'),
    thumbs: inRoot('raw', 'images', 'thumbs'),
    tmp: inRoot('tmp'),
    runs: inRoot('runs'),
    quarantine: inRoot('quarantine'),
    repair: inRoot('repair'),
    verify: inRoot('verify'),
    lease: inRoot('lease'),
    derived: inRoot('derived'),
    previews: inRoot('previews'),
    embeddings: inRoot('embeddings'),
    warehouse: inRoot('warehouse.duckdb'),
    warehouseLock: inRoot('warehouse.lock'),
    snapshot: inRoot('warehouse.snapshot.duckdb'),
    contentMark: inRoot('warehouse.snapshot.json'),
    temporal: inRoot('temporal'),
  };
}

/** Absolute paths of the files of one run. */
export interface RunPaths {
  readonly folder: string;
  readonly run: string;
  readonly catalogParquet: string;
  readonly rejects: string;
  readonly parsed: string;
  readonly merged: string;
  readonly recorded: string;
  readonly plan: string;
  readonly ledger: string;
  readonly featurePlan: string;
  readonly featureLedger: string;
  readonly executions: string;
  readonly progress: string;
  readonly ingest: string;
  readonly committed: string;
  readonly summary: string;
  readonly report: string;
}

/** The files of one run. Does not access the file system. */
export function runPaths(root: string, runId: string): RunPaths {
  const folder = path.join(dataRootPaths(root).runs, runId);
  const inRunFolder = (name: string): string => path.join(folder, name);
  return {
    folder,
    run: inRunFolder('run.json'),
    catalogParquet: inRunFolder('catalog.parquet'),
    rejects: inRunFolder('rejects.ndjson'),
    parsed: inRunFolder('parsed.json'),
    merged: inRunFolder('merged'),
    recorded: inRunFolder('recorded.json'),
    plan: inRunFolder('plan'),
    ledger: inRunFolder('ledger'),
    featurePlan: path.join(folder, 'features', 'plan.ndjson'),
    featureLedger: path.join(folder, 'features', 'ledger'),
    executions: inRunFolder('executions'),
    progress: inRunFolder('progress.json'),
    ingest: inRunFolder('ingest.json'),
    committed: inRunFolder('committed.json'),
    summary: inRunFolder('summary.json'),
    report: inRunFolder('report.html'),
  };
}

/**
 * Converts an absolute path to the form used in payloads and tables: relative to the data root,
 * with `/`.
 */
export function relativeToRoot(root: string, absolute: string): string {
  return path.relative(path.resolve(root), absolute).split(path.sep).join('/');
}

/** Converts a path relative to the data root, with `/`, to an absolute path. */
export function underRoot(root: string, relative: string): string {
  return path.join(path.resolve(root), ...relative.split('/'));
}

/**
 * The absolute path of a stored image, or null for a path that leads out of the folder of the
 * images. A snapshot that names it may have been made elsewhere.
 *
 * @param relative the path relative to the data root, with `/`.
 */
export function storedImageFile(dataRoot: string, relative: string): string | null {
  const { root, thumbs } = dataRootPaths(dataRoot);
  const absolute = path.resolve(root, ...relative.split('/'));
  const isInside = absolute.startsWith(`${thumbs}${path.sep}`) && !relative.includes('\0');
  return isInside ? absolute : null;
}
