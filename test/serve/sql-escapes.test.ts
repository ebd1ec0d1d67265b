/** What a query of `/sql` cannot do: it is a text of whoever can open the page, or of a link. */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ModelFixture } from '../models/model-fixture';
import { problemOf } from './read-page';
import { serveFolder, type ServedFolder } from './serve-folder';

/** Texts that are no SELECT, or not one. */
const STATEMENTS = [
  "COPY (SELECT 1) TO 'SECRET'",
  "COPY (SELECT 1) TO 'COPIED' (FORMAT csv, USE_TMP_FILE false)",
  "COPY image FROM 'SECRET'",
  "ATTACH 'SNAPSHOT' AS other",
  "ATTACH 'FOLDER/new.duckdb'",
  'DETACH snapshot',
  'USE memory',
  'INSTALL httpfs',
  'LOAD httpfs',
  "EXPORT DATABASE 'FOLDER/out'",
  "IMPORT DATABASE 'FOLDER/out'",
  'SET enable_external_access = true',
  "SET memory_limit = '100GB'",
  'SET VARIABLE a = 1',
  'RESET memory_limit',
  'PRAGMA enable_profiling',
  "PRAGMA table_info('image')",
  'PRAGMA database_list',
  'CALL enable_logging()',
  "CALL pragma_table_info('image')",
  'CHECKPOINT snapshot',
  'FORCE CHECKPOINT',
  'VACUUM',
  'BEGIN',
  "INSERT INTO dim_image SELECT 'x'",
  'UPDATE dim_image SET record = 1',
  'DELETE FROM dim_image',
  'DROP TABLE dim_image',
  'CREATE TABLE memory.main.x AS SELECT 1',
  'CREATE MACRO memory.main.x() AS 1',
  'PREPARE p AS SELECT 1',
  'EXECUTE p',
  "CREATE SECRET (TYPE s3, KEY_ID 'a')",
  'EXPLAIN ANALYZE SELECT 1',
  'PIVOT image ON state USING count(*)',
  'SELECT 1; SELECT 2',
  "SELECT 1; COPY (SELECT 1) TO 'SECRET'",
  "SELECT 1) TO 'SECRET'; SELECT (2",
  "SELECT 1 FROM (COPY (SELECT 1) TO 'SECRET')",
  "SELECT 1 /* ; COPY (SELECT 1) TO 'SECRET'",
  "WITH x AS (INSERT INTO dim_image VALUES ('x') RETURNING 1) FROM x",
  'MERGE INTO dim_image USING image ON true WHEN MATCHED THEN DELETE',
  "COMMENT ON TABLE dim_image IS 'x'",
  'ALTER TABLE dim_image DROP COLUMN record',
  'ANALYZE dim_image',
  'UPDATE EXTENSIONS (httpfs)',
  "COPY (SELECT 1) TO 'SECRET' WITH (FORMAT parquet)",
  'COPY FROM DATABASE snapshot TO memory',
  'SET SESSION lock_configuration = false',
  "SELECT 1 UNION ALL SELECT 2; ATTACH 'SNAPSHOT' AS other",
  'CREATE TEMP VIEW image AS SELECT 1',
  'DEALLOCATE p',
];

/** One SELECT each, that reads files, or calls what does more than read. */
const READERS = [
  "FROM read_csv('/etc/passwd')",
  "FROM read_text('/etc/passwd')",
  "FROM read_blob('SECRET')",
  "FROM read_json('http://127.0.0.1:9/x.json')",
  "FROM read_parquet('SECRET')",
  "FROM read_duckdb('SNAPSHOT')",
  "FROM sniff_csv('SECRET')",
  "FROM glob('/etc/*')",
  "FROM '/etc/passwd'",
  "FROM 'SECRET'",
  "FROM 'SNAPSHOT'",
  "FROM 'http://127.0.0.1:9/x.parquet'",
  "SELECT getenv('HOME')",
  "SELECT (SELECT content FROM read_text('/etc/passwd'))",
  "SELECT * FROM image, LATERAL (FROM read_text('/etc/passwd'))",
  "WITH a AS (FROM read_text('/etc/passwd')) FROM a",
  "FROM query('FROM read_text(''/etc/passwd'')')",
  "FROM query('COPY (SELECT 1) TO ''SECRET''')",
  "FROM json_execute_serialized_sql(json_serialize_sql('FROM read_text(''/etc/passwd'')'))",
  'FROM enable_logging()',
  "FROM enable_logging('QueryLog', storage := 'file', storage_path := 'FOLDER/log')",
  "FROM enable_profiling(save_location := 'FOLDER/profile')",
  'FROM system.main.ENABLE_LOGGING()',
  'SELECT * FROM image WHERE EXISTS (FROM enable_logging())',
  "FROM checkpoint('snapshot')",
  'FROM arrow_scan(1, 2, 3)',
  'FROM duckdb_secrets()',
  'FROM duckdb_databases()',
  "FROM sql_auto_complete('SEL')",
  "SELECT nextval('x')",
  "SELECT currval('x')",
  "FROM parquet_metadata('SECRET')",
  "FROM parquet_file_metadata('SECRET')",
  "FROM parquet_schema('SECRET')",
  "FROM parquet_kv_metadata('SECRET')",
  "FROM parquet_bloom_probe('SECRET', 'a', 1)",
  "FROM read_ndjson_objects('SECRET')",
  "FROM read_json_objects_auto('SECRET')",
  "FROM read_csv_auto('SECRET')",
  "FROM query_table('SECRET')",
  "FROM query_table(['SECRET', 'SNAPSHOT'])",
  'FROM "SECRET"',
  'TABLE "/etc/passwd"',
  "FROM 'file:///etc/passwd'",
  "FROM 's3://bucket/x.parquet'",
  "FROM iceberg_scan('SECRET')",
  "FROM delta_scan('SECRET')",
  "FROM sqlite_scan('SECRET', 'x')",
  "FROM postgres_scan('host=127.0.0.1', 'public', 'x')",
  'FROM pandas_scan(1)',
  "FROM which_secret('s3://x/y', 's3')",
  'FROM duckdb_logs()',
  'FROM load_aws_credentials()',
  "DESCRIBE FROM read_text('/etc/passwd')",
  "SUMMARIZE FROM 'SECRET'",
  "SUMMARIZE 'SECRET'",
  "FROM (SUMMARIZE 'SECRET')",
  "PIVOT (FROM read_text('/etc/passwd')) ON content IN ('a') USING count(*)",
  "UNPIVOT (FROM read_text('/etc/passwd')) ON content INTO NAME a VALUE b",
  "SELECT 1 ORDER BY (SELECT content FROM read_text('/etc/passwd'))",
  "SELECT 1 LIMIT (SELECT length(content) FROM read_text('/etc/passwd'))",
  "VALUES ((SELECT content FROM read_text('/etc/passwd')))",
  "WITH a AS MATERIALIZED (FROM read_text('/etc/passwd')) SELECT 1 FROM a",
  "SELECT 1 UNION ALL BY NAME SELECT content FROM read_text('/etc/passwd')",
  "FROM image POSITIONAL JOIN read_text('/etc/passwd')",
  "FROM image ASOF JOIN read_text('/etc/passwd') t ON image.record >= t.size",
  "SELECT list_transform([1], x -> (SELECT content FROM read_text('/etc/passwd')))",
  "SELECT count(*) FILTER (EXISTS (FROM read_text('/etc/passwd')))",
  "SELECT sum(1) OVER (ORDER BY (SELECT size FROM read_text('/etc/passwd')))",
  "SELECT COLUMNS(x -> (SELECT true FROM read_text('/etc/passwd'))) FROM image",
];

/** One SELECT each, that would last for ever or fill the memory. */
const HOGS = [
  'SELECT count(*) FROM range(100000000) a, range(100000000) b',
  'WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r) SELECT max(n) FROM r',
  "SELECT length(repeat('x', 2000000000)) + length(repeat('y', 2000000000))",
  'SELECT list(range) FROM range(1000000000)',
  'SELECT range, random() FROM range(1000000000) ORDER BY 2',
];

let fixture: ModelFixture;
let served: ServedFolder;
let before: string;

function hashOf(file: string): string {
  return createHash('sha256').update(fs.readFileSync(file)).digest('hex');
}

/** The copy that queries of this process read. */
function copyOfSnapshot(): string {
  const isOurs = new RegExp(`^artemis-serve-copy-.*-${process.pid}-`);
  const names = fs.readdirSync(os.tmpdir()).filter((name) => isOurs.test(name));
  expect(names).toHaveLength(1);
  return path.join(os.tmpdir(), names[0] ?? '', 'snapshot.duckdb');
}

/** Names that stand for paths, which only the test knows. */
function withPaths(sql: string): string {
  return sql
    .replaceAll('SECRET', fixture.path('secret.csv'))
    .replaceAll('SNAPSHOT', fixture.path('warehouse.snapshot.duckdb'))
    .replaceAll('COPIED', copyOfSnapshot())
    .replaceAll('FOLDER', fixture.path('open'));
}

beforeAll(async () => {
  fixture = await ModelFixture.withThreeImages();
  fs.writeFileSync(fixture.path('secret.csv'), 'secret\n');
  fs.mkdirSync(fixture.path('open'), { mode: 0o777 });
  before = hashOf(fixture.path('warehouse.snapshot.duckdb'));
  served = await serveFolder(fixture.root);
  await served.page('/sql?q=SELECT+1');
}, 60_000);
afterAll(async () => {
  await served.close();
  fixture.remove();
});

const ask = (sql: string): Promise<string> =>
  served.page(`/sql?q=${encodeURIComponent(withPaths(sql))}`);

it.each([...STATEMENTS, ...READERS])('a query cannot do %s', async (sql) => {
  const problem = problemOf(await ask(sql));
  expect(problem).toMatch(
    /Only one SELECT|statements: write one SELECT|may not be called|Parser error|Catalog error|Permission error|Binder error|Missing Extension error/,
  );
  const address = `/api/sql.csv?q=${encodeURIComponent(withPaths(sql))}`;
  const file = await served.get(address);
  expect(file.status).toBe(400);
  expect(await file.text()).not.toContain('root:');
});

it('what was tried has changed no file', () => {
  expect(hashOf(fixture.path('warehouse.snapshot.duckdb'))).toBe(before);
  expect(hashOf(copyOfSnapshot())).toBe(before);
  expect(fs.readFileSync(fixture.path('secret.csv'), 'utf8')).toBe('secret\n');
  expect(fs.readdirSync(fixture.path('open'))).toEqual([]);
  const isOfQuery = new RegExp(`^artemis-sql-.*-${process.pid}-`);
  expect(fs.readdirSync(os.tmpdir()).filter((name) => isOfQuery.test(name))).toEqual([]);
});

it.each(HOGS)('a query that would need too much is ended: %s', async (sql) => {
  const problem = problemOf(await ask(sql));
  expect(problem).toMatch(
    /took longer than 10 s|Out of Memory error|ended by the operating system/,
  );
  const [row] = (await ask('SELECT 40 + 2')).split('<tbody>').slice(1);
  expect(row).toContain('42');
});
