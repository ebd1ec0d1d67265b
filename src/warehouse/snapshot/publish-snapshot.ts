/** Publishes the read-only copy: closed file → copy → (image as a table) → fsync → 0444 → rename. */
import fs from 'node:fs';
import path from 'node:path';
import type { PublishSnapshotInput, PublishSnapshotResult } from '../../contract/payloads';
import { dataRootPaths } from '../../files/data-root';
import { syncDirectory } from '../../files/directories';
import { onDisk } from '../../files/disk-errors';
import { tempName } from '../../files/temp-names';
import { inTransaction, settle, withAttached } from '../database-file/attached-warehouse';
import type { WarehouseContext } from '../warehouse-context';
import { copyClosedFile, syncFile } from '../database-file/copy-closed-file';
import type { Database } from '../driver/database';
import { firstRow, literal } from '../driver/database';
import { asWarehouseError } from '../driver/duckdb-errors';
import { signatureOf } from '../database-file/file-signature';
import { moveAside } from '../database-file/move-aside';
import { writeRunRecord } from '../commit/write-run-record';

/** What was published last: an unchanged warehouse is not copied again. */
interface Publication {
  readonly signature: string;
  readonly result: PublishSnapshotResult;
}

export type Publisher = (
  context: WarehouseContext,
  input: PublishSnapshotInput,
) => Promise<PublishSnapshotResult>;

/**
 * A publisher that remembers its last publication.
 *
 * **Idempotency** publishing twice gives the same snapshot.
 * **Errors** StepError db_*, disk_*; the former snapshot stays.
 */
export function createPublisher(): Publisher {
  let last: Publication | null = null;
  return async (context, input) => {
    await recordAndSettle(context, input);
    const { warehouse, snapshot } = dataRootPaths(context.dataRoot);
    const signature = `${signatureOf(warehouse)} ${input.materialise}`;
    if (last?.signature === signature && fs.existsSync(snapshot)) return last.result;
    const result = await publish(context, input.materialise);
    last = { signature: `${signatureOf(warehouse)} ${input.materialise}`, result };
    return result;
  };
}

/** Attaching folds in a WAL that a killed writer left: the copy needs a file that stands alone. */
async function recordAndSettle(
  context: WarehouseContext,
  { record }: PublishSnapshotInput,
): Promise<void> {
  if (record === null) return settle(context);
  await withAttached({
    ...context,
    work: () => inTransaction(context.database, () => writeRunRecord(context.database, record)),
  });
}

async function publish(
  { database, dataRoot, rowNumbers }: WarehouseContext,
  materialise: boolean,
): Promise<PublishSnapshotResult> {
  const { tmp, warehouse, snapshot } = dataRootPaths(dataRoot);
  const copy = path.join(tmp, `${tempName('snapshot')}.duckdb`);
  try {
    const copied = await copyClosedFile(warehouse, copy);
    fs.chmodSync(copy, 0o644);
    const counts = await finishCopy(database, copy, materialise);
    onDisk(`publish ${path.basename(snapshot)}`, () => {
      putInPlace(copy, snapshot);
    });
    rowNumbers.published(copied);
    return { bytes: fs.statSync(snapshot).size, counts };
  } finally {
    fs.rmSync(copy, { force: true });
    fs.rmSync(`${copy}.wal`, { force: true });
  }
}

async function finishCopy(
  database: Database,
  copy: string,
  materialise: boolean,
): Promise<PublishSnapshotResult['counts']> {
  try {
    await database.run(`ATTACH ${literal(copy)} AS snapshot`);
    await database.run('USE snapshot');
    if (materialise) await makeImageATable(database);
    const counts = await countStates(database);
    await database.run('USE memory');
    await database.run('DETACH snapshot');
    return counts;
  } catch (error) {
    throw asWarehouseError(error, `prepare the snapshot ${copy}`) ?? error;
  }
}

/** Heavy work that locks nobody; queries are quick afterwards. */
async function makeImageATable(database: Database): Promise<void> {
  await database.run('BEGIN');
  await database.run('CREATE TABLE image_table AS FROM image ORDER BY record');
  await database.run('DROP VIEW image');
  await database.run('ALTER TABLE image_table RENAME TO image');
  await database.run('COMMIT');
}

async function countStates(database: Database): Promise<PublishSnapshotResult['counts']> {
  const of = (state: string): string => `count(*) FILTER (state = '${state}')::INTEGER AS ${state}`;
  const row = await firstRow(
    database,
    `SELECT count(*) AS images, ${['stored', 'failed', 'pending', 'no_url', 'removed'].map(of).join(', ')} FROM image_state`,
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

/** Readers of the former snapshot keep its inode. A WAL beside it (a shell that was killed) would poison the new one. */
function putInPlace(copy: string, snapshot: string): void {
  syncFile(copy);
  fs.chmodSync(copy, 0o444);
  if (fs.existsSync(`${snapshot}.wal`)) moveAside(`${snapshot}.wal`);
  fs.renameSync(copy, snapshot);
  syncDirectory(path.dirname(snapshot));
}
