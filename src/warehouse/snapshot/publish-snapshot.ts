/**
 * Publishes the read-only snapshot: copies the closed warehouse, prepares the copy, syncs it, makes
 * it read-only, and renames it.
 */
import fs from 'node:fs';
import path from 'node:path';
import type { DerivedProblem } from '../../contract/derived/derived-file';
import type { PublishSnapshotInput, PublishSnapshotResult } from '../../contract/payloads';
import { dataRootPaths } from '../../files/data-root';
import { syncDirectory, syncFile } from '../../files/directories';
import { onDisk } from '../../files/disk-errors';
import { tempName } from '../../files/temp-names';
import { inTransaction, applyLeftoverLog, withAttached } from '../database-file/attached-warehouse';
import type { WarehouseContext } from '../warehouse-context';
import { readContentMark, writeContentMark, type ContentMark } from '../database-file/content-mark';
import { copyClosedFile } from '../database-file/copy-closed-file';
import type { Database } from '../driver/database';
import { literal } from '../../duckdb/sql-text';
import { firstRow } from '../driver/database';
import { asWarehouseError } from '../driver/duckdb-errors';
import { fileSignature } from '../database-file/file-signature';
import { moveAside } from '../database-file/move-aside';
import { isOfCollection, type CollectionName } from '../merge/collection-sql';
import { writeRunRecord } from '../commit/write-run-record';
import { commonDetails } from './common-details';
import { countWithoutFeatures } from './count-without-features';
import { derivedSignature, installDerivedFile } from './derived-files';
import { findPlaceholders } from './find-placeholders';
import { mergeDerivedFiles } from './merge-derived';
import { updateRunTables } from './update-run-tables';

/** The latest publication. An unchanged warehouse is not copied again. */
interface Publication {
  readonly signature: string;
  readonly result: PublishSnapshotResult;
}

/** Why derived files were not merged. */
interface NotMerged {
  readonly notMerged: readonly DerivedProblem[];
}

export type Publisher = (
  context: WarehouseContext,
  input: PublishSnapshotInput,
) => Promise<PublishSnapshotResult>;

/**
 * Creates a publisher that remembers its latest publication. Publishing twice gives the same
 * snapshot. The publisher throws StepError db_*, disk_*; the former snapshot then stays.
 */
export function createPublisher(): Publisher {
  let lastPublication: Publication | null = null;
  return async (context, input) => {
    await recordAndApplyLog(context, input);
    const notInstalled = await installDerivedFiles(context, input);
    const { warehouse, snapshot } = dataRootPaths(context.dataRoot);
    const signatureNow = (): string =>
      [
        fileSignature(warehouse),
        input.materialise,
        input.collection ?? '',
        derivedSignature(context.dataRoot),
      ].join(' ');
    if (lastPublication?.signature === signatureNow() && fs.existsSync(snapshot))
      return withProblems(context, lastPublication.result, notInstalled);
    const { notMerged, ...result } = await publish(context, input);
    // A file that could not be read may be readable the next time, without having changed.
    lastPublication = notMerged.length === 0 ? { signature: signatureNow(), result } : null;
    return withProblems(context, result, [...notInstalled, ...notMerged]);
  };
}

/** Returns why files were not installed. */
async function installDerivedFiles(
  { dataRoot }: WarehouseContext,
  { derived = [] }: PublishSnapshotInput,
): Promise<readonly DerivedProblem[]> {
  const problems: DerivedProblem[] = [];
  for (const file of derived) {
    const detail = await installDerivedFile(dataRoot, file);
    if (detail !== null) problems.push({ kind: file.kind, detail });
  }
  return problems;
}

/** Reports each problem once: a later publication without changes does not repeat it. */
function withProblems(
  { log }: WarehouseContext,
  result: PublishSnapshotResult,
  derivedProblems: readonly DerivedProblem[],
): PublishSnapshotResult {
  for (const { kind, detail } of derivedProblems)
    log.warn({ kind, problem: detail }, 'derived file left out');
  return derivedProblems.length === 0 ? result : { ...result, derivedProblems };
}

/**
 * Writes the run record, if there is one, and applies the write-ahead log of a killed writer: only
 * a file without a log can be copied.
 */
async function recordAndApplyLog(
  context: WarehouseContext,
  { record }: PublishSnapshotInput,
): Promise<void> {
  if (record === null) return applyLeftoverLog(context);
  await withAttached({
    ...context,
    isContentKept: true,
    operation: () =>
      inTransaction(context.database, () => writeRunRecord(context.database, record)),
  });
}

async function publish(
  context: WarehouseContext,
  input: PublishSnapshotInput,
): Promise<PublishSnapshotResult & NotMerged> {
  const { dataRoot, rowNumbers } = context;
  const { tmp, warehouse, snapshot } = dataRootPaths(dataRoot);
  const copy = path.join(tmp, `${tempName('snapshot')}.duckdb`);
  try {
    const derived = derivedSignature(dataRoot);
    const mark = readContentMark(dataRoot);
    const current = mark?.derived === derived ? mark : null;
    const copied = await copyClosedFile(current === null ? warehouse : snapshot, copy);
    const warehouseSignature = current?.warehouse ?? copied;
    fs.chmodSync(copy, 0o644);
    const found = await prepareCopy(context, copy, { ...input, current });
    onDisk(`publish ${path.basename(snapshot)}`, () => {
      replaceSnapshot(copy, snapshot);
    });
    rowNumbers.snapshotPublished(warehouseSignature);
    const isMarked = current !== null || (input.materialise && found.notMerged.length === 0);
    if (isMarked) {
      const catalogs = mark?.warehouse === warehouseSignature ? mark.catalogs : undefined;
      writeContentMark(dataRoot, { warehouse: warehouseSignature, derived, catalogs });
    }
    return { bytes: fs.statSync(snapshot).size, ...found };
  } finally {
    fs.rmSync(copy, { force: true });
    fs.rmSync(`${copy}.wal`, { force: true });
  }
}

/**
 * @param input with `current`: the mark when the copy is that of the snapshot, which has all
 *   tables; null when it is that of the warehouse.
 */
async function prepareCopy(
  { database, dataRoot }: WarehouseContext,
  copy: string,
  {
    materialise,
    record,
    collection,
    current,
  }: PublishSnapshotInput & { readonly current: ContentMark | null },
): Promise<Omit<PublishSnapshotResult, 'bytes'> & NotMerged> {
  try {
    await database.run(`ATTACH ${literal(copy)} AS snapshot`);
    await database.run('USE snapshot');
    let notMerged: readonly DerivedProblem[] = [];
    if (current === null) {
      if (materialise) await materialiseViews(database);
      notMerged = await mergeDerivedFiles(database, dataRoot);
    } else await updateRunTables(database, dataRoot, current.warehouse);
    const isMaterialised = materialise || current !== null;
    const counts = await countStates(database, { collection, isMaterialised });
    const found = materialise
      ? await findAtEnd(database, counts, { record, collection })
      : { counts };
    await database.run('USE memory');
    await database.run('DETACH snapshot');
    return { ...found, notMerged };
  } catch (error) {
    throw asWarehouseError(error, `prepare the snapshot ${copy}`, dataRoot) ?? error;
  }
}

/**
 * Replaces the views `image` and `feature` by tables, which makes queries fast. This takes long but
 * holds no lock.
 */
async function materialiseViews(database: Database): Promise<void> {
  for (const [view, order] of [
    ['image', 'collection NULLS FIRST, record'],
    ['feature', 'sha256'],
  ] as const) {
    await database.run('BEGIN');
    await database.run(`CREATE TABLE ${view}_table AS FROM ${view} ORDER BY ${order}`);
    await database.run(`DROP VIEW ${view}`);
    await database.run(`ALTER TABLE ${view}_table RENAME TO ${view}`);
    await database.run('COMMIT');
  }
}

/**
 * Finds what the end of a run reports beside the counts. The table `image` makes these queries
 * fast.
 */
async function findAtEnd(
  database: Database,
  counts: PublishSnapshotResult['counts'],
  { record, collection }: Pick<PublishSnapshotInput, 'record' | 'collection'>,
): Promise<Omit<PublishSnapshotResult, 'bytes'>> {
  const placeholders = await findPlaceholders(database);
  const permanent = await countPermanent(database, collection);
  const found = {
    counts: { ...counts, permanent },
    ...(placeholders.length === 0 ? {} : { placeholders }),
  };
  if (record === null) return found;
  const withoutFeatures = await countWithoutFeatures(database, collection);
  return {
    ...found,
    counts: { ...found.counts, withoutFeatures },
    details: await commonDetails(database, record.runId),
  };
}

/** The images of the collection that failed for good. */
async function countPermanent(database: Database, collection: CollectionName): Promise<number> {
  const row = await firstRow(
    database,
    `SELECT count(*)::INTEGER AS images FROM image
     WHERE state = 'failed' AND NOT last_error_retryable AND ${isOfCollection(collection)}`,
  );
  return Number(row.images);
}

/**
 * The states of the images in `dim_image` alone, of which none may be pending or failed.
 *
 * @see the view `image`, which gives the same states but reads the facts of every image.
 */
const SETTLED_STATES = `(SELECT collection, CASE WHEN removed_at IS NOT NULL THEN 'removed'
  WHEN thumb_downloaded THEN 'stored' ELSE 'no_url' END AS state FROM dim_image)`;

async function countStates(
  database: Database,
  {
    collection,
    isMaterialised,
  }: { readonly collection: CollectionName; readonly isMaterialised: boolean },
): Promise<PublishSnapshotResult['counts']> {
  const countColumn = (state: string): string =>
    `count(*) FILTER (state = '${state}')::INTEGER AS ${state}`;
  const isSettled = !isMaterialised && (await areAllSettled(database, collection));
  const row = await firstRow(
    database,
    `SELECT count(*) AS images, ${['stored', 'failed', 'pending', 'no_url', 'removed'].map(countColumn).join(', ')}
     FROM ${isSettled ? SETTLED_STATES : 'image'} WHERE ${isOfCollection(collection)}`,
  );
  return {
    images: Number(row.images),
    stored: Number(row.stored),
    failed: Number(row.failed),
    pending: Number(row.pending),
    noUrl: Number(row.no_url),
    removed: Number(row.removed),
  };
}

/** Whether every image of the collection is removed or stored, or has no URL. */
async function areAllSettled(database: Database, collection: CollectionName): Promise<boolean> {
  const row = await firstRow(
    database,
    `SELECT count(*)::INTEGER AS open FROM dim_image
     WHERE removed_at IS NULL AND thumb_downloaded IS NOT TRUE AND thumb_url IS NOT NULL
       AND ${isOfCollection(collection)}`,
  );
  return Number(row.open) === 0;
}

/**
 * Replaces the snapshot. Readers of the former one keep its inode. The write-ahead log of a killed
 * program beside the former snapshot must not be applied to the new one, so it is moved aside.
 */
function replaceSnapshot(copy: string, snapshot: string): void {
  syncFile(copy);
  fs.chmodSync(copy, 0o444);
  if (fs.existsSync(`${snapshot}.wal`)) moveAside(`${snapshot}.wal`);
  fs.renameSync(copy, snapshot);
  syncDirectory(path.dirname(snapshot));
}
