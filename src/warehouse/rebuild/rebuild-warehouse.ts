/**
 * Rebuilds the warehouse from catalogs, ledgers and run records. The new file is built beside the
 * old one, checked, and then put in its place.
 */
import fs from 'node:fs';
import path from 'node:path';
import type { Logger } from 'pino';
import type { DatabaseConfig } from '../../config';
import { StepError } from '../../contract/errors';
import { artemisCommand } from '../../contract/commands/printed-command';
import { dataRootPaths, relativeToRoot } from '../../files/data-root';
import { ensureDirectory, syncDirectory } from '../../files/directories';
import { onDisk } from '../../files/disk-errors';
import { fileHolder, type LockHolder } from '../../files/process/file-holder';
import { describeHolder } from '../../files/process/writer-state';
import { linkOrCopy } from '../../files/link-or-copy';
import { tempName } from '../../files/temp-names';
import { attachReadOnly } from '../database-file/attach';
import { inTransaction, withAttached } from '../database-file/attached-warehouse';
import { asideName } from '../database-file/move-aside';
import { applyFeatureLedgers } from '../commit/commit-features';
import { commitLedgers } from '../commit/commit-ledgers';
import { firstRow, type Database } from '../driver/database';
import { asWarehouseError } from '../driver/duckdb-errors';
import { mergeCatalog } from '../merge/merge-catalog';
import { createPublisher } from '../snapshot/publish-snapshot';
import { readRebuildSources, type RebuildSources } from './rebuild-sources';
import { writeRunRecord } from '../commit/write-run-record';
import { replayLedgers } from './replay-ledgers';
import { withSnapshot } from '../snapshot/snapshot-session';
import { useDatabase } from '../use-database';
import { acquireWriterLock, type WriterLock } from '../writer-lock';

export interface RebuildOptions {
  readonly dataRoot: string;
  readonly database: DatabaseConfig;
  readonly log: Logger;
  /** Called at the start of each stage with its description. */
  readonly onStage: (description: string) => void;
}

/**
 * The numbers of merged catalogs, applied ledger lines and images. `aside` lists the paths of the
 * former files, relative to the data root.
 */
export interface RebuildReport extends Pick<RebuildSources, 'unmerged' | 'guessed'> {
  readonly catalogs: number;
  readonly outcomes: number;
  /** Lines of feature ledgers. */
  readonly features: number;
  readonly images: number;
  readonly aside: readonly string[];
}

/**
 * Rebuilds the warehouse while holding the writer lock. Every outcome on disk is committed,
 * including outcomes that the lost warehouse had not applied. A second rebuild gives the same
 * content.
 *
 * @throws StepError `db_locked` naming the process that holds the lock or the file; `input` when
 *   there is no run; db_*, disk_*. After an error the former warehouse is unchanged.
 */
export async function rebuildWarehouse(options: RebuildOptions): Promise<RebuildReport> {
  const { dataRoot } = options;
  refuseEmpty(dataRoot);
  const lock = await acquireLockOrRefuse(dataRoot);
  const scratch = path.join(dataRootPaths(dataRoot).tmp, tempName('rebuild'));
  try {
    refuseHeldFile(dataRoot);
    makeScratchRoot(dataRoot, scratch);
    const sources = readRebuildSources(dataRoot);
    const scratchOptions = { ...options, dataRoot: scratch };
    const applied = await buildWarehouse(scratchOptions, sources);
    options.onStage('checking it against the ledgers');
    await checkAgainstLedgers(scratchOptions);
    const aside = await swapInWarehouse(options, dataRootPaths(scratch).warehouse);
    options.onStage('publishing the snapshot');
    await useDatabase(options, (context) =>
      createPublisher()(context, { warehouseId: '', record: null, materialise: true }),
    );
    const images = await withSnapshot(options, countImages);
    const { unmerged, guessed, merges } = sources;
    return { unmerged, guessed, catalogs: merges.length, ...applied, images, aside };
  } finally {
    fs.rmSync(scratch, { recursive: true, force: true });
    await lock.release();
  }
}

/** Counts the images of all collections. */
async function countImages(database: Database): Promise<number> {
  const { images } = await firstRow(database, 'SELECT count(*) AS images FROM dim_image');
  return Number(images);
}

function refuseEmpty(dataRoot: string): void {
  const { runs } = dataRootPaths(dataRoot);
  if (fs.existsSync(runs) && fs.readdirSync(runs).length > 0) return;
  throw new StepError(
    'input',
    `There is nothing to rebuild a warehouse from: ${runs} has no runs. Name another data root with --data, or start a run.`,
  );
}

/**
 * Acquires the writer lock or fails immediately. Only workers wait for the lock; an operator needs
 * to know which process holds it.
 */
async function acquireLockOrRefuse(dataRoot: string): Promise<WriterLock> {
  const refusal = new AbortController();
  const onWaiting = (holder: LockHolder): void => {
    refusal.abort(lockHeldError(dataRoot, holder));
  };
  try {
    return await acquireWriterLock({ dataRoot, onWaiting, signal: refusal.signal });
  } catch (error) {
    throw refusal.signal.aborted ? (refusal.signal.reason as Error) : error;
  }
}

function lockHeldError(dataRoot: string, holder: LockHolder): StepError {
  const file = dataRootPaths(dataRoot).warehouseLock;
  return new StepError(
    'db_locked',
    `Could not take the writer lock ${file}: it is held by ${describeHolder(holder)}. End that worker ("up", "worker" or "run"), then rebuild again: ${artemisCommand('rebuild', dataRoot)}. Nothing was changed.`,
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

/**
 * Creates a data root whose `runs` is a link to the real one and whose warehouse is the new one.
 * The code that writes a warehouse needs no special case for rebuilds.
 */
function makeScratchRoot(dataRoot: string, scratch: string): void {
  onDisk(`make ${scratch}`, () => {
    ensureDirectory(scratch);
    fs.symlinkSync(dataRootPaths(dataRoot).runs, dataRootPaths(scratch).runs, 'junction');
  });
}

/** Merges the catalogs and applies the ledgers. Returns the numbers of applied lines. */
async function buildWarehouse(
  scratchOptions: RebuildOptions,
  sources: RebuildSources,
): Promise<Pick<RebuildReport, 'outcomes' | 'features'>> {
  for (const [index, merge] of sources.merges.entries()) {
    scratchOptions.onStage(`merging catalog ${index + 1} of ${sources.merges.length}`);
    // The original run was allowed to merge this catalog, so no limit applies now.
    await useDatabase(scratchOptions, (context) =>
      mergeCatalog(context, { ...merge, warehouseId: '', maxRemoved: 1, replace: true }),
    );
  }
  scratchOptions.onStage('applying the ledgers');
  const { applied } = await useDatabase(scratchOptions, (context) =>
    commitLedgers(context, { warehouseId: '', runId: null }),
  );
  const { applied: features } = await useDatabase(scratchOptions, (context) =>
    applyFeatureLedgers(context, null),
  );
  await useDatabase(scratchOptions, async (context) => {
    const writeRecords = async (): Promise<void> => {
      for (const record of sources.records) await writeRunRecord(context.database, record);
    };
    await withAttached({
      ...context,
      operation: () => inTransaction(context.database, writeRecords),
    });
  });
  return { outcomes: applied, features };
}

/**
 * Reads the ledgers a second time and compares their fold with the new warehouse, which is closed
 * and serves as the snapshot here.
 */
async function checkAgainstLedgers(scratchOptions: RebuildOptions): Promise<void> {
  const { warehouse, snapshot } = dataRootPaths(scratchOptions.dataRoot);
  linkOrCopy(warehouse, snapshot);
  const { differences } = await withSnapshot(scratchOptions, (database) =>
    replayLedgers(database, scratchOptions.dataRoot),
  );
  const [first] = differences;
  if (first === undefined) return;
  throw new Error(
    `The new warehouse is not what the ledgers say (${differences.length} differences; ${first.message}). The former warehouse was kept in its place.`,
  );
}

/**
 * Swaps in the new warehouse while holding DuckDB's lock on the former one, because changes that a
 * shell made in the former file would be lost. A warehouse exists at every moment: a worker that
 * found none would create an empty one.
 */
function swapInWarehouse(
  options: RebuildOptions,
  newWarehouse: string,
): Promise<readonly string[]> {
  const { dataRoot } = options;
  const { warehouse } = dataRootPaths(dataRoot);
  return useDatabase(options, async ({ database }) => {
    refuseHeldFile(dataRoot);
    if (fs.existsSync(warehouse)) await lockFormer(database, warehouse);
    return onDisk(`put the new ${path.basename(warehouse)} in place`, () =>
      replaceWarehouse(dataRoot, newWarehouse),
    );
  });
}

/** Locks the former file. A damaged file that DuckDB cannot open needs no lock. */
async function lockFormer(database: Database, warehouse: string): Promise<void> {
  try {
    await attachReadOnly(database, warehouse, 'former');
  } catch (error) {
    const known = asWarehouseError(error, `replace ${warehouse}`, null);
    if (known?.code === 'db_locked') throw known;
  }
}

/**
 * Renames the new warehouse to its final name. The former file and its write-ahead log get new
 * names that belong together.
 *
 * @returns the new names of the former files.
 */
function replaceWarehouse(dataRoot: string, newWarehouse: string): readonly string[] {
  const { root, warehouse } = dataRootPaths(dataRoot);
  const aside = asideName(warehouse);
  const moved = ['', '.wal'].filter((suffix) => fs.existsSync(warehouse + suffix));
  if (moved.includes('.wal')) fs.renameSync(`${warehouse}.wal`, `${aside}.wal`);
  if (moved.includes('')) renameFormer(warehouse, aside);
  fs.renameSync(newWarehouse, warehouse);
  syncDirectory(root);
  return moved.map((suffix) => relativeToRoot(dataRoot, aside + suffix));
}

function renameFormer(warehouse: string, aside: string): void {
  if (fs.statSync(warehouse).isFile()) linkOrCopy(warehouse, aside);
  else fs.renameSync(warehouse, aside);
}
