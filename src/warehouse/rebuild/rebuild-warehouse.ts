/** Makes the warehouse anew from catalogs, ledgers and records of runs: beside the old one, checked, then swapped in. */
import fs from 'node:fs';
import path from 'node:path';
import type { Logger } from 'pino';
import type { DatabaseConfig } from '../../config';
import { StepError } from '../../contract/errors';
import { dataRootPaths, relativeToRoot } from '../../files/data-root';
import { ensureDirectory, syncDirectory } from '../../files/directories';
import { onDisk } from '../../files/disk-errors';
import { fileHolder, type LockHolder } from '../../files/process/file-holder';
import { describeHolder } from '../../files/process/writer-state';
import { linkOrCopy } from '../../files/link-or-copy';
import { tempName } from '../../files/temp-names';
import { attachReadOnly } from '../database-file/attach';
import { inTransaction, withAttached } from '../database-file/attached-warehouse';
import { commitLedgers } from '../commit/commit-ledgers';
import type { Database } from '../driver/database';
import { asWarehouseError } from '../driver/duckdb-errors';
import { mergeCatalog } from '../merge/merge-catalog';
import { createPublisher } from '../snapshot/publish-snapshot';
import { rebuildSources, type RebuildSources } from './rebuild-sources';
import { writeRunRecord } from '../commit/write-run-record';
import { replayLedgers } from './replay-ledgers';
import { withSnapshot } from '../snapshot/snapshot-session';
import { useDatabase } from '../use-database';
import { acquireWriterLock, type WriterLock } from '../writer-lock';

export interface RebuildOptions {
  readonly dataRoot: string;
  readonly database: DatabaseConfig;
  readonly log: Logger;
  /** Told what is being done, in words. */
  readonly onStage: (words: string) => void;
}

/** **Units** catalogs merged, ledger lines, images. `aside`: where the former files are, relative to the data root. */
export interface RebuildReport extends Pick<RebuildSources, 'unmerged' | 'guessed'> {
  readonly catalogs: number;
  readonly outcomes: number;
  readonly images: number;
  readonly aside: readonly string[];
}

/**
 * Holds the writer lock meanwhile. Every outcome on disk is committed, also what the lost warehouse had not applied yet.
 *
 * **Idempotency** a second rebuild gives the same content.
 * **Errors** StepError `db_locked` naming who holds the lock or the file; `input` when there is no run; db_*, disk_*: the former
 * warehouse is then where it was.
 */
export async function rebuildWarehouse(options: RebuildOptions): Promise<RebuildReport> {
  const { dataRoot } = options;
  refuseEmpty(dataRoot);
  const lock = await takeLockOrRefuse(dataRoot);
  const scratch = path.join(dataRootPaths(dataRoot).tmp, tempName('rebuild'));
  try {
    refuseHeldFile(dataRoot);
    makeScratchRoot(dataRoot, scratch);
    const sources = rebuildSources(dataRoot);
    const beside = { ...options, dataRoot: scratch };
    const outcomes = await build(beside, sources);
    options.onStage('checking it against the ledgers');
    await check(beside);
    const aside = await swapIn(options, dataRootPaths(scratch).warehouse);
    options.onStage('publishing the snapshot');
    const { counts } = await useDatabase(options, (context) =>
      createPublisher()(context, { warehouseId: '', record: null, materialise: true }),
    );
    const { unmerged, guessed, merges } = sources;
    return { unmerged, guessed, catalogs: merges.length, outcomes, images: counts.images, aside };
  } finally {
    fs.rmSync(scratch, { recursive: true, force: true });
    await lock.release();
  }
}

function refuseEmpty(dataRoot: string): void {
  const { runs } = dataRootPaths(dataRoot);
  if (fs.existsSync(runs) && fs.readdirSync(runs).length > 0) return;
  throw new StepError(
    'input',
    `There is nothing to rebuild a warehouse from: ${runs} has no runs. Name another data root with --data, or start a run.`,
  );
}

/** Standing by is for workers: a person is told who is in the way. */
async function takeLockOrRefuse(dataRoot: string): Promise<WriterLock> {
  const refusal = new AbortController();
  const onWaiting = (holder: LockHolder): void => {
    refusal.abort(heldBy(dataRootPaths(dataRoot).warehouseLock, holder));
  };
  try {
    return await acquireWriterLock({ dataRoot, onWaiting, signal: refusal.signal });
  } catch (error) {
    throw refusal.signal.aborted ? (refusal.signal.reason as Error) : error;
  }
}

function heldBy(file: string, holder: LockHolder): StepError {
  return new StepError(
    'db_locked',
    `Could not take the writer lock ${file}: it is held by ${describeHolder(holder)}. End that worker ("up", "worker" or "run"), then rebuild again. Nothing was changed.`,
  );
}

function refuseHeldFile(dataRoot: string): void {
  const { warehouse } = dataRootPaths(dataRoot);
  const holder = fileHolder(warehouse);
  if (holder === null) return;
  throw new StepError(
    'db_locked',
    `${warehouse} is open in another program, ${describeHolder(holder)}. Close it, then rebuild again. Nothing was changed.`,
  );
}

/** A data root whose runs are the real ones and whose warehouse is the new one: what writes a warehouse need not know. */
function makeScratchRoot(dataRoot: string, scratch: string): void {
  onDisk(`make ${scratch}`, () => {
    ensureDirectory(scratch);
    fs.symlinkSync(dataRootPaths(dataRoot).runs, dataRootPaths(scratch).runs, 'junction');
  });
}

/** Returns how many outcomes were applied. */
async function build(beside: RebuildOptions, sources: RebuildSources): Promise<number> {
  for (const [index, merge] of sources.merges.entries()) {
    beside.onStage(`merging catalog ${index + 1} of ${sources.merges.length}`);
    // What was merged once was within the limits that its run had.
    await useDatabase(beside, (context) =>
      mergeCatalog(context, { ...merge, warehouseId: '', maxRemoved: 1 }),
    );
  }
  beside.onStage('applying the ledgers');
  const { applied } = await useDatabase(beside, (context) =>
    commitLedgers(context, { warehouseId: '', runId: null }),
  );
  await useDatabase(beside, async (context) => {
    const work = async (): Promise<void> => {
      for (const record of sources.records) await writeRunRecord(context.database, record);
    };
    await withAttached({ ...context, work: () => inTransaction(context.database, work) });
  });
  return applied;
}

/** Reads the ledgers a second time, and folds them anew. The new file stands in for a snapshot: it is closed. */
async function check(beside: RebuildOptions): Promise<void> {
  const { warehouse, snapshot } = dataRootPaths(beside.dataRoot);
  linkOrCopy(warehouse, snapshot);
  const { differences } = await withSnapshot(beside, (database) =>
    replayLedgers(database, beside.dataRoot),
  );
  const [first] = differences;
  if (first === undefined) return;
  throw new Error(
    `The warehouse that was made anew is not what the ledgers say (${differences.length} differences; ${first.words}). It was not swapped in: the former one is where it was.`,
  );
}

/**
 * Holds DuckDB's own lock on the former file meanwhile: what a shell that was opened since goes on to write would be lost. There is
 * no moment without a warehouse: a worker that came upon none would make an empty one.
 */
function swapIn(options: RebuildOptions, made: string): Promise<readonly string[]> {
  const { dataRoot } = options;
  const { warehouse } = dataRootPaths(dataRoot);
  return useDatabase(options, async ({ database }) => {
    refuseHeldFile(dataRoot);
    if (fs.existsSync(warehouse)) await lockFormer(database, warehouse);
    return onDisk(`put the new ${path.basename(warehouse)} in place`, () =>
      replaceWarehouse(dataRoot, made),
    );
  });
}

/** One that is broken, and so cannot be opened, is nobody's. */
async function lockFormer(database: Database, warehouse: string): Promise<void> {
  try {
    await attachReadOnly(database, warehouse, 'former');
  } catch (error) {
    const known = asWarehouseError(error, `replace ${warehouse}`);
    if (known?.code === 'db_locked') throw known;
  }
}

/** The former file keeps its write-ahead log under the name that belongs to its new one. Returns where they are. */
function replaceWarehouse(dataRoot: string, made: string): readonly string[] {
  const { root, warehouse } = dataRootPaths(dataRoot);
  const aside = `${warehouse}.aside-${new Date().toISOString().replaceAll(':', '')}`;
  const moved = ['', '.wal'].filter((suffix) => fs.existsSync(warehouse + suffix));
  if (moved.includes('.wal')) fs.renameSync(`${warehouse}.wal`, `${aside}.wal`);
  if (moved.includes('')) nameAside(warehouse, aside);
  fs.renameSync(made, warehouse);
  syncDirectory(root);
  return moved.map((suffix) => relativeToRoot(dataRoot, aside + suffix));
}

function nameAside(warehouse: string, aside: string): void {
  if (fs.statSync(warehouse).isFile()) linkOrCopy(warehouse, aside);
  else fs.renameSync(warehouse, aside);
}
