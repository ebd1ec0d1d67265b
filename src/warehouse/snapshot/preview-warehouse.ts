/**
 * A warehouse for previews: a copy of the snapshot in another data root, with everything that the
 * ledgers contain and the snapshot does not. The real data root is only read.
 */
import fs from 'node:fs';
import type { Logger } from 'pino';
import type { DatabaseConfig } from '../../config';
import type { MergeCatalogInput, MergeCatalogResult } from '../../contract/payloads';
import { dataRootPaths } from '../../files/data-root';
import { onDisk } from '../../files/disk-errors';
import { commitLedgers } from '../commit/commit-ledgers';
import { IMAGE_VIEW } from '../commit/fold-outcomes';
import { withAttached } from '../database-file/attached-warehouse';
import { rowsOf } from '../driver/database';
import { mergeCatalog } from '../merge/merge-catalog';
import { migrateWarehouse } from '../schema/migrate-warehouse';
import { useDatabase } from '../use-database';
import type { WarehouseContext } from '../warehouse-context';
import { createPublisher } from './publish-snapshot';
import { withSnapshot } from './snapshot-session';

/** The number of stored files whose URLs begin with an origin, and the sum of their bytes. */
export interface AuthorityMean {
  /** As the URLs have it, for example `https://images.example.org:8443`. */
  readonly origin: string;
  readonly images: number;
  readonly bytes: number;
}

export interface PreviewWarehouse {
  merge(input: MergeCatalogInput): Promise<MergeCatalogResult>;
  /** Publishes it as the snapshot of its data root. */
  publish(): Promise<void>;
  /** Reads the published snapshot. */
  meanBytesByAuthority(): Promise<readonly AuthorityMean[]>;
}

export interface PreviewWarehouseOptions {
  /** The real data root. Without a snapshot the copy is empty. */
  readonly from: string;
  /** An empty data root, whose `runs` becomes a link to the real ones. */
  readonly to: string;
  readonly database: DatabaseConfig;
  readonly log: Logger;
}

/** @throws StepError db_*, disk_*, `ledger_changed`. */
export async function openPreviewWarehouse(
  options: PreviewWarehouseOptions,
): Promise<PreviewWarehouse> {
  const { from, to, database, log } = options;
  const hasSnapshot = copySnapshot(from, to);
  const run = <T>(operation: (context: WarehouseContext) => Promise<T>): Promise<T> =>
    useDatabase({ dataRoot: to, database, log }, operation);
  await run(async (context) => {
    if (hasSnapshot) await dropImageTable(context);
    await migrateWarehouse(context);
    if (hasSnapshot) await createImageView(context);
    await commitLedgers(context, { warehouseId: '', runId: null });
  });
  return {
    merge: (input) => run((context) => mergeCatalog(context, input)),
    publish: async () => {
      await run((context) =>
        createPublisher()(context, { warehouseId: '', record: null, materialise: false }),
      );
    },
    meanBytesByAuthority: () => meanBytesByAuthority({ dataRoot: to, database }),
  };
}

function copySnapshot(from: string, to: string): boolean {
  const source = dataRootPaths(from);
  const target = dataRootPaths(to);
  if (fs.existsSync(source.runs)) fs.symlinkSync(source.runs, target.runs, 'junction');
  if (!fs.existsSync(source.snapshot)) return false;
  onDisk(`copy the snapshot to ${target.warehouse} (TMPDIR names another place)`, () => {
    fs.copyFileSync(source.snapshot, target.warehouse, fs.constants.COPYFILE_FICLONE);
    fs.chmodSync(target.warehouse, 0o600);
  });
  return true;
}

/**
 * The last snapshot of a run contains the view `image` as a table, which merges would not update.
 */
async function dropImageTable(context: WarehouseContext): Promise<void> {
  const { database } = context;
  await withAttached({
    ...context,
    operation: async () => {
      const tables = await rowsOf(
        database,
        "SELECT 1 FROM duckdb_tables() WHERE database_name = 'warehouse' AND table_name = 'image'",
      );
      if (tables.length > 0) await database.run('DROP TABLE image');
    },
  });
}

/**
 * Must be called after the migration, because the view of this program may name columns that it
 * adds.
 */
function createImageView(context: WarehouseContext): Promise<unknown> {
  const { database } = context;
  return withAttached({
    ...context,
    operation: () => database.run(`CREATE OR REPLACE VIEW image AS ${IMAGE_VIEW}`),
  });
}

function meanBytesByAuthority(options: {
  readonly dataRoot: string;
  readonly database: DatabaseConfig;
}): Promise<readonly AuthorityMean[]> {
  return withSnapshot(options, async (database) => {
    const rows = await rowsOf(
      database,
      `SELECT regexp_extract(d.thumb_url, '^[^/]*//[^/?#]*') AS origin, count(*) AS images, sum(f.bytes) AS bytes
       FROM fact_download f JOIN dim_image d
         ON d.source_image_id = f.source_image_id AND d.thumb_url_hash = f.url_hash
       WHERE f.outcome = 'stored' AND f.bytes IS NOT NULL GROUP BY ALL`,
    );
    return rows.map((row) => ({
      origin: String(row.origin),
      images: Number(row.images),
      bytes: Number(row.bytes),
    }));
  });
}
