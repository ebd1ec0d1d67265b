/**
 * Finds out the state of the data root: whether it can be written to, and which process has which
 * file open. Opens no file of the warehouse.
 */
import fs from 'node:fs';
import path from 'node:path';
import type { Config } from '../config';
import { dataRootPaths } from '../files/data-root';
import { checkFreeSpace, prepareDataRoot } from '../files/identity';
import { runsUnderWay } from '../files/run/runs-under-way';
import { describeHolder, writerState } from '../files/process/writer-state';
import { querySnapshot } from '../warehouse/snapshot/query-snapshot';
import { ailing, fine, firstLineOfMessage, type DoctorFinding } from './finding';

/** Finds out the state of the data root. An empty or missing data root stays as it is. */
export async function dataRootFindings(config: Config): Promise<readonly DoctorFinding[]> {
  const { dataRoot } = config;
  return [
    await writableFinding(config),
    lockFinding(dataRoot),
    warehouseFinding(dataRoot),
    await snapshotFinding(config),
    ...logFindings(dataRoot),
    await runsFinding(dataRoot),
  ];
}

async function writableFinding({ dataRoot, download }: Config): Promise<DoctorFinding> {
  const what = 'data root';
  const isOurs = fs.existsSync(dataRootPaths(dataRoot).identity);
  const place = isOurs ? dataRoot : nearestFolder(dataRoot);
  try {
    if (isOurs) await prepareDataRoot(dataRoot, download.minFreeBytes);
    else fs.accessSync(place, fs.constants.W_OK);
    await checkFreeSpace(place, download.minFreeBytes);
    const { bavail, bsize } = await fs.promises.statfs(place);
    const free = `${((bavail * bsize) / 1e9).toFixed(1)} GB free`;
    return isOurs
      ? fine(what, `${dataRoot}: writable, one file system, ${free}`)
      : fine(what, `${dataRoot}: nothing is there yet; ${place} is writable, ${free}`);
  } catch (error) {
    const next =
      'make room, mount it writable, or give this user the right to write there; or name another one with --data';
    return ailing('data', what, firstLineOfMessage(error), next);
  }
}

function nearestFolder(folder: string): string {
  return fs.existsSync(folder) ? folder : nearestFolder(path.dirname(folder));
}

function lockFinding(dataRoot: string): DoctorFinding {
  const what = 'writer lock';
  const { writer } = writerState(dataRoot);
  if (writer === null) return fine(what, 'no process holds warehouse.lock');
  const seen = `held by ${describeHolder(writer)}`;
  if (!writer.isStopped) return fine(what, `${seen}: the warehouse worker`);
  return ailing('data', what, seen, 'until then every commit waits; a standby takes over');
}

function warehouseFinding(dataRoot: string): DoctorFinding {
  const { warehouse } = dataRootPaths(dataRoot);
  const what = 'warehouse';
  const stat = fs.statSync(warehouse, { throwIfNoEntry: false });
  if (stat === undefined) {
    const next = hasRuns(dataRoot)
      ? '"artemis-pipeline rebuild" makes it from catalogs, ledgers and files'
      : 'the first run makes it';
    return hasRuns(dataRoot)
      ? ailing('data', what, 'there are runs, but warehouse.duckdb is gone', next)
      : fine(what, 'not there yet', next);
  }
  if (!stat.isFile()) {
    const next = 'move it away; "rebuild" makes a new one';
    return ailing('data', what, 'warehouse.duckdb is not a file', next);
  }
  const size = `${(stat.size / 1e6).toFixed(1)} MB`;
  const { writer, warehouse: holder } = writerState(dataRoot);
  if (holder === null || holder.pid === writer?.pid)
    return fine(what, `${size}, ${holder === null ? 'closed' : 'being written'}`);
  const next = 'close that program: commits wait for it; the snapshot is there for reading';
  return ailing('data', what, `${size}, open in another program, ${describeHolder(holder)}`, next);
}

function hasRuns(dataRoot: string): boolean {
  const { runs } = dataRootPaths(dataRoot);
  return fs.existsSync(runs) && fs.readdirSync(runs).length > 0;
}

/**
 * Reads the version of the schema from the snapshot, because only the warehouse worker opens the
 * warehouse.
 */
async function snapshotFinding({ dataRoot, database }: Config): Promise<DoctorFinding> {
  const { snapshot } = dataRootPaths(dataRoot);
  const what = 'snapshot';
  const stat = fs.statSync(snapshot, { throwIfNoEntry: false });
  if (stat === undefined)
    return fine(what, 'not there yet', 'the first commit of a run publishes it');
  try {
    const sql = 'SELECT max(version) AS version FROM schema_version';
    const { rows } = await querySnapshot({ dataRoot, database, sql });
    const age = Math.round((Date.now() - stat.mtimeMs) / 60_000);
    const version = String(rows[0]?.version);
    return fine(
      what,
      `published ${stat.mtime.toISOString()} (${age} min ago), schema version ${version}`,
    );
  } catch (error) {
    const next = 'the next publication (any run, or "rebuild") replaces it';
    return ailing('data', what, firstLineOfMessage(error), next);
  }
}

/** Write-ahead logs that are in the way, or will be. */
function logFindings(dataRoot: string): readonly DoctorFinding[] {
  const { warehouse } = dataRootPaths(dataRoot);
  if (!fs.existsSync(`${warehouse}.wal`)) return [];
  const what = 'warehouse.duckdb.wal';
  if (!fs.existsSync(warehouse))
    return [
      ailing(
        'data',
        what,
        'is there, its database is not',
        'put the database back beside it; or "artemis-pipeline rebuild", which keeps it aside',
      ),
    ];
  const holders = writerState(dataRoot);
  return holders.warehouse !== null || holders.writer !== null
    ? []
    : [fine(what, 'left by a writer that was killed', 'nothing: the next commit takes it in')];
}

async function runsFinding(dataRoot: string): Promise<DoctorFinding> {
  const runs = await runsUnderWay(dataRoot);
  const parked = runs.filter(({ state }) => state === 'parked').map((run) => run.workflowId);
  if (runs.length === 0) return fine('runs', 'none is under way');
  const seen = runs.map((run) => `${run.workflowId} is ${run.state}`).join(', ');
  return fine(
    'runs',
    seen,
    parked.length === 0 ? '' : `"status" says what ${parked.join(', ')} waits for`,
  );
}
