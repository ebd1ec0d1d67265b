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
