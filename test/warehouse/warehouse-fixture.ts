/** A data root whose ledgers and catalogs are written by tests, and its warehouse. */
import { createHash, randomUUID } from 'node:crypto';
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { loadConfig, type DatabaseConfig } from '../../src/config';
import type { LedgerLine } from '../../src/contract/outcome';
import type { MergeCatalogInput, MergeCatalogResult, RunRecord } from '../../src/contract/payloads';
import { createLogger } from '../../src/log';
import type { Row } from '../../src/warehouse/driver/database';
import { querySnapshot } from '../../src/warehouse/snapshot/query-snapshot';
import { replayLedgers } from '../../src/warehouse/rebuild/replay-ledgers';
import { withSnapshot } from '../../src/warehouse/snapshot/snapshot-session';
import { createWarehouse, type Warehouse } from '../../src/warehouse/warehouse';
import { sha256 } from './feature-lines';

/**
 * The driver is that of ARTEMIS_DB_DRIVER: `npm run test:duckdb-async` runs these tests with the
 * second one.
 */
export const database: DatabaseConfig = { ...loadConfig().database, memory: '500MB', threads: 2 };

export function urlHash(url: string): string {
  return createHash('sha256').update(url).digest('hex').slice(0, 32);
}

export interface CatalogImage {
  readonly id: string;
  readonly url: string | null;
  readonly title?: string;
}

/** A ledger line with default values for everything that is not given. */
export function ledgerLine(line: Partial<LedgerLine> & Pick<LedgerLine, 'id'>): LedgerLine {
  const outcome = line.outcome ?? 'stored';
  const hasFile = outcome === 'stored' || outcome === 'not_modified';
  return {
    v: 1,
    urlHash: urlHash(`http://h/${line.id}`),
    outcome,
    code: outcome === 'failed' ? 'http_404' : null,
    retryable: false,
    path: hasFile ? `raw/images/thumbs/aa/bb/${line.id}.jpg` : null,
    bytes: hasFile ? 100 : null,
    sha256: hasFile ? 'ab' : null,
    width: hasFile ? 4 : null,
    height: hasFile ? 3 : null,
    format: hasFile ? 'jpeg' : null,
    verdict: hasFile ? 'valid' : null,
    status: 200,
    etag: null,
    lastModified: null,
    finalHost: 'h',
    requests: 1,
    detail: null,
    lane: 'l000001',
    execution: 'e1',
    dispatch: 1,
    attempt: 1,
    at: '2026-01-01T10:00:00.000Z',
    ...line,
  };
}

export class WarehouseFixture {
  readonly root: string;
  readonly warehouse: Warehouse;

  constructor(folder = os.tmpdir(), config: DatabaseConfig = database) {
    this.root = mkdtempSync(path.join(folder, 'artemis-warehouse-'));
    this.warehouse = createWarehouse({
      dataRoot: this.root,
      database: config,
      log: createLogger({ level: 'silent', pretty: false }),
    });
  }

  path(...parts: readonly string[]): string {
    return path.join(this.root, ...parts);
  }

  record(runId: string, startedAt: string): RunRecord {
    return {
      runId,
      workflowId: `w-${runId}`,
      state: 'running',
      code: null,
      detail: null,
      startedAt,
      endedAt: null,
      steps: [
        { name: 'ingest', state: 'running', code: null, detail: null, startedAt, endedAt: null },
      ],
    };
  }

  /** Writes run.json like the activity `openRun`. */
  openRun(runId: string, startedAt: string): void {
    mkdirSync(this.path('runs', runId, 'ledger'), { recursive: true });
    const run = { v: 1, runId, workflowId: `w-${runId}`, input: {}, catalog: null, startedAt };
    writeFileSync(this.path('runs', runId, 'run.json'), JSON.stringify(run));
  }

  /** Appends to `runs/<runId>/ledger/<lane>/<execution>.ndjson`. */
  append(runId: string, lines: readonly LedgerLine[]): void {
    for (const line of lines)
      this.appendText(runId, line.lane, line.execution, `${JSON.stringify(line)}\n`);
  }

  appendText(runId: string, lane: string, execution: string, text: string): void {
    const folder = this.path('runs', runId, 'ledger', lane);
    mkdirSync(folder, { recursive: true });
    appendFileSync(path.join(folder, `${execution}.ndjson`), text);
  }

  /** Writes catalog.parquet and rejects.ndjson of a run. */
  async writeCatalog(runId: string, images: readonly CatalogImage[]): Promise<void> {
    const folder = this.path('runs', runId);
    await writeParquet(path.join(folder, 'catalog.parquet'), images);
    writeFileSync(
      path.join(folder, 'rejects.ndjson'),
      '{"record":9,"line":10,"id":"","code":"bad_id","detail":"empty"}\n',
    );
  }

  /** Replaces catalog.parquet of a run by these rows. */
  async writeTable(runId: string, rows: readonly object[]): Promise<void> {
    await writeParquetRows(this.path('runs', runId, 'catalog.parquet'), rows, 'auto_detect = true');
  }

  /** Writes the catalog of a run and merges it. */
  async merge(
    runId: string,
    images: readonly CatalogImage[],
    {
      startedAt = '2026-01-01T00:00:00.000Z',
      maxRemoved,
      ...collection
    }: { readonly startedAt?: string; readonly maxRemoved?: number } & Pick<
      MergeCatalogInput,
      'collection' | 'replace'
    > = {},
  ): Promise<MergeCatalogResult> {
    await this.prepare(runId, images, startedAt);
    const input = this.mergeInput(runId, startedAt, maxRemoved);
    return this.warehouse.mergeCatalog({ ...input, ...collection });
  }

  /** Merges images with these ids, and commits them as stored: a file for each name. */
  async storeImages(
    runId: string,
    ids: readonly string[],
    nameOf = (id: string): string => id,
  ): Promise<void> {
    await this.merge(
      runId,
      ids.map((id) => ({ id, url: `http://h/${id}` })),
    );
    this.append(
      runId,
      ids.map((id) => ledgerLine({ id, sha256: sha256(nameOf(id)) })),
    );
    await this.warehouse.commitLedgers({ warehouseId: 'w', runId });
  }

  /** Writes the files that parsing a catalog leaves. */
  async prepare(
    runId: string,
    images: readonly CatalogImage[],
    startedAt = '2026-01-01T00:00:00.000Z',
  ): Promise<void> {
    this.openRun(runId, startedAt);
    await this.writeCatalog(runId, images);
  }

  mergeInput(
    runId: string,
    startedAt = '2026-01-01T00:00:00.000Z',
    maxRemoved = 0.2,
  ): MergeCatalogInput {
    return {
      warehouseId: 'w',
      runId,
      parquet: `runs/${runId}/catalog.parquet`,
      rejects: `runs/${runId}/rejects.ndjson`,
      maxRemoved,
      record: this.record(runId, startedAt),
    };
  }

  /** Publishes the snapshot and runs a query on it. */
  async query(sql: string, materialise = false): Promise<readonly Row[]> {
    await this.warehouse.publishSnapshot({ warehouseId: 'w', record: null, materialise });
    return this.ask(sql);
  }

  async ask(sql: string): Promise<readonly Row[]> {
    return (await querySnapshot({ dataRoot: this.root, sql, database })).rows;
  }

  /** Publishes the snapshot, and lists where it differs from the fold of the ledgers. */
  async differences(): Promise<readonly string[]> {
    await this.warehouse.publishSnapshot({ warehouseId: 'w', record: null, materialise: true });
    const { differences } = await withSnapshot({ dataRoot: this.root, database }, (session) =>
      replayLedgers(session, this.root),
    );
    return differences.map(({ message: words }) => words);
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

async function writeParquet(file: string, images: readonly CatalogImage[]): Promise<void> {
  const rows = images.map(({ id, url, title }, index) => ({
    source_image_id: id,
    record: index + 1,
    thumb_url: url,
    title: title ?? null,
  }));
  const columns =
    "columns = {source_image_id: 'VARCHAR', record: 'BIGINT', thumb_url: 'VARCHAR', title: 'VARCHAR'}";
  await writeParquetRows(file, rows, columns);
}

/** @param columns the options of `read_json` that say which columns there are. */
async function writeParquetRows(
  file: string,
  rows: readonly object[],
  columns: string,
): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const json = `${file}.${randomUUID()}.json`;
  writeFileSync(json, rows.map((row) => JSON.stringify(row)).join('\n'));
  await connection.run(
    `COPY (FROM read_json('${json}', format = 'newline_delimited', ${columns}))
     TO '${file}' (FORMAT parquet)`,
  );
  rmSync(json);
  connection.closeSync();
  instance.closeSync();
}
