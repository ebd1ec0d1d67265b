/** Opens one published snapshot, read-only, in a database that can open nothing else. */
import { existsSync, rmSync } from 'node:fs';
import { stat, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { jsonWithShortFloats } from '../../duckdb/short-floats';
import { createSystemTempFolder } from '../../files/temp-names';
import { identifier, literal } from '../../duckdb/sql-text';
import { openLockedDatabase, queryTexts } from '../../processes/locked-database';
import type { Row } from '../../report/ask';
import { AnswerCache } from './answer-cache';
import { ConnectionPool } from './connection-pool';
import { copyViews, type CopyViewsOptions } from './copy-views';
import { writeResult, type ResultFileOptions } from './result-file';
import { snapshotId } from './snapshot-id';

/** DuckDB may hold this much in memory; what exceeds it is written to the temporary folder. */
const MEMORY = '64MB';

/** Queries that are answered at the same time. */
const CONNECTIONS = 2;

/** The longest time that the file of a result may take, in ms. Files are made one after another. */
const RESULT_MS = 120_000;

/** The most requests that wait for a file. */
const MOST_WAITING_FOR_FILES = 10;

/** The most rows that one query returns as objects. */
const MOST_ROWS = 10_000;

/** A snapshot that is open. It stays what it was when a newer one is published. */
export interface OpenSnapshot {
  /** Differs for every publication. The header X-Snapshot has it. */
  readonly id: string;
  /** ISO 8601 UTC. */
  readonly publishedAt: string;
  readonly imageCount: number;
  /** Names of the tables and views. */
  readonly relations: ReadonlySet<string>;
  /** The columns of `catalog_row` that are texts of the catalog. */
  readonly catalogColumns: readonly string[];
  /** Whether the model `quality` has the issues of images. A user's model of that name may not. */
  readonly hasIssues: boolean;
  /** The catalog's column that names an image for people; null without one. */
  readonly titleColumn: string | null;
  /** The rows of a query, at most 10,000. Numbers beyond 2^53 and times are texts. */
  rows(sql: string): Promise<readonly Row[]>;
  /** The first column of a query, of whole numbers below 2^32. */
  numbers(sql: string): Promise<Uint32Array>;
  /** The results of queries as an open file without a name, which the caller closes. */
  resultFile(options: Omit<ResultFileOptions, 'file'>): Promise<FileHandle>;
  close(): void;
}

export interface OpenOptions {
  readonly file: string;
  readonly queryMs: number;
  readonly signal: AbortSignal;
}

/**
 * Opens the snapshot. The images are in the view `serving.image_row`, which has their number
 * `row`, from 0, in the order of the catalogs. A snapshot that was published during a run has
 * `image` and `feature` as views, which are slow and have no row numbers. Their rows are therefore
 * copied to a temporary file.
 *
 * @param options.file the snapshot.
 * @param options.queryMs the longest time that one query may take, in ms.
 * @param options.signal aborted when the snapshot is not wanted any more.
 * @throws the errors of the file system and of DuckDB, and those of {@link copyViews}.
 */
export async function openSnapshot({ file, queryMs, signal }: OpenOptions): Promise<OpenSnapshot> {
  if (existsSync(`${file}.wal`))
    throw new Error(
      `${file} has a write-ahead log beside it: a program opened it for writing and was killed, or has it open now. Close that program; the next publication puts things right, or move ${file}.wal away.`,
    );
  const stats = await stat(file);
  const id = snapshotId(stats);
  const folder = createSystemTempFolder('artemis-serve');
  try {
    const instance = await openLockedDatabase({
      memory: MEMORY,
      threads: 1,
      folder,
      files: [],
      before: (connection) =>
        attach(connection, { file, id, folder: path.join(folder, 'copy'), signal }),
    });
    const connections: DuckDBConnection[] = [];
    for (let n = 0; n < CONNECTIONS; n += 1) connections.push(await instance.connect());
    const pool = new ConnectionPool(connections, queryMs);
    const found = await describe(pool);
    const files = new ConnectionPool([await instance.connect()], RESULT_MS, MOST_WAITING_FOR_FILES);
    const answers = new AnswerCache();
    let made = 0;
    return {
      id,
      publishedAt: stats.mtime.toISOString(),
      ...found,
      rows: (sql) => answers.rows(sql, () => rowsOf(pool, sql)),
      numbers: (sql) => pool.use((connection) => numbersOf(connection, sql)),
      resultFile: (options) =>
        files.use((connection) => {
          const file = path.join(folder, `result-${(made += 1)}`);
          return writeResult(connection, { ...options, file });
        }),
      close: () => {
        pool.close();
        files.close();
        instance.closeSync();
        rmSync(folder, { recursive: true, force: true });
      },
    };
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

/** Every relation of the snapshot gets a view, so that any connection finds it by its name. */
async function attach(connection: DuckDBConnection, options: CopyViewsOptions): Promise<void> {
  await connection.run(`SET max_temp_directory_size = '4GB'`);
  await connection.run(`ATTACH ${literal(options.file)} AS snapshot (READ_ONLY)`);
  const names = await queryTexts(
    connection,
    `SELECT table_name FROM duckdb_tables() WHERE database_name = 'snapshot'
     UNION ALL SELECT view_name FROM duckdb_views() WHERE database_name = 'snapshot' AND NOT internal`,
  );
  const copied: readonly string[] = await copyViews(connection, options);
  const sourceOf = (name: string): string =>
    `${copied.includes(name) ? 'copied' : 'snapshot'}.main.${identifier(name)}`;
  for (const name of names)
    await connection.run(`CREATE VIEW ${identifier(name)} AS FROM ${sourceOf(name)}`);
  // In a schema of its own, because a model of a user may have this name.
  await connection.run('CREATE SCHEMA serving');
  await connection.run(
    `CREATE VIEW serving.image_row AS SELECT rowid AS row, * FROM ${sourceOf('image')}`,
  );
}

async function describe(
  pool: ConnectionPool,
): Promise<
  Pick<OpenSnapshot, 'imageCount' | 'relations' | 'catalogColumns' | 'hasIssues' | 'titleColumn'>
> {
  const [counted] = await rowsOf(pool, 'SELECT count(*)::INTEGER AS images FROM serving.image_row');
  const relations = await rowsOf(
    pool,
    `SELECT view_name AS name FROM duckdb_views()
     WHERE database_name = 'memory' AND schema_name = 'main' AND NOT internal`,
  );
  const columns = await rowsOf(
    pool,
    `SELECT column_name AS name FROM (DESCRIBE FROM catalog_row) WHERE column_type = 'VARCHAR'`,
  );
  const ofQuality = await rowsOf(
    pool,
    `SELECT column_name FROM duckdb_columns()
     WHERE database_name = 'memory' AND schema_name = 'main' AND table_name = 'quality'
       AND column_name IN ('issue', 'source_image_id')`,
  );
  const catalogColumns = columns.map(({ name }) => String(name));
  return {
    imageCount: Number(counted?.images ?? 0),
    relations: new Set(relations.map(({ name }) => String(name))),
    catalogColumns,
    hasIssues: ofQuality.length === 2,
    titleColumn: titleAmong(catalogColumns),
  };
}

/** The best of the names that catalogs give to what an image shows. */
const TITLES = [/^title$/i, /^(name|caption|label)$/i, /title|caption/i, /^(description|text)$/i];

function titleAmong(columns: readonly string[]): string | null {
  for (const pattern of TITLES) {
    const found = columns.find((column) => pattern.test(column));
    if (found !== undefined) return found;
  }
  return null;
}

function rowsOf(pool: ConnectionPool, sql: string): Promise<readonly Row[]> {
  return pool.use(async (connection) => {
    const reader = await connection.streamAndReadUntil(sql, MOST_ROWS);
    return reader.convertRowObjects(jsonWithShortFloats).slice(0, MOST_ROWS) as Row[];
  });
}

async function numbersOf(connection: DuckDBConnection, sql: string): Promise<Uint32Array> {
  const result = await connection.stream(sql);
  const parts: Uint32Array[] = [];
  let length = 0;
  for (;;) {
    const chunk = await result.fetchChunk();
    if (chunk === null || chunk.rowCount === 0) break;
    const part = Uint32Array.from(chunk.getColumnValues(0), Number);
    parts.push(part);
    length += part.length;
  }
  const all = new Uint32Array(length);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
