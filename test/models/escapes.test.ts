/** What a model cannot do: it is a text of a user, or of whoever gave it to the user. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import path from 'node:path';
import type { ModelBuild } from '../../src/models/build-models';
import { checkOf, ModelFixture, modelOf } from './model-fixture';

let fixture: ModelFixture;
function snapshotHash(): string {
  const bytes = readFileSync(fixture.path('warehouse.snapshot.duckdb'));
  return createHash('sha256').update(bytes).digest('hex');
}

/** Names that stand for paths, which only the test knows. */
function withPaths(sql: string): string {
  return sql
    .replaceAll('SECRET', fixture.path('secret.csv'))
    .replaceAll('SNAPSHOT', fixture.path('warehouse.snapshot.duckdb'));
}

/** Queries that are a SELECT, and read what they must not. */
const READERS = [
  "FROM read_csv('/etc/passwd')",
  "FROM read_text('/etc/passwd')",
  "FROM read_blob('SECRET')",
  "FROM read_text('../../secret.csv')",
  "FROM '/etc/passwd'",
  "FROM 'SECRET'",
  "FROM glob('/etc/*')",
  "FROM sniff_csv('SECRET')",
  "FROM read_duckdb('SNAPSHOT')",
  "FROM read_blob('SNAPSHOT')",
  "FROM read_json('http://127.0.0.1:9/x.json')",
  "FROM query('FROM read_text(''/etc/passwd'')')",
  'FROM enable_logging()',
  "FROM enable_logging('QueryLog', storage := 'file', storage_path := '/tmp/x')",
  "FROM enable_profiling(save_location := 'SECRET')",
  'SELECT * FROM image WHERE EXISTS (FROM enable_logging())',
  "FROM query('FROM enable_logging()')",
  "FROM query('COPY (SELECT 1) TO ''/tmp/x''')",
  "FROM json_execute_serialized_sql(json_serialize_sql('FROM read_text(''/etc/passwd'')'))",
];

/** Statements that are no SELECT. */
const STATEMENTS = [
  "ATTACH 'SNAPSHOT' AS other",
  "COPY (SELECT 1) TO 'SECRET'",
  "COPY (SELECT 1) TO 'snapshot.duckdb' (FORMAT csv, USE_TMP_FILE false)",
  "COPY derived.main.x FROM 'SECRET'",
  "EXPORT DATABASE 'out'",
  'INSTALL httpfs',
  'LOAD httpfs',
  "SET memory_limit = '100GB'",
  'SET enable_external_access = true',
  'RESET search_path',
  'USE memory',
  'PRAGMA enable_profiling',
  'CALL enable_logging()',
  'DETACH snapshot',
  'CHECKPOINT snapshot',
  "INSERT INTO snapshot.main.dim_image SELECT 'x'",
  'DROP TABLE snapshot.main.dim_image',
  'CREATE TABLE snapshot.main.x (n INTEGER)',
  'CREATE TABLE derived.main.x (n INTEGER)',
  'PREPARE p AS SELECT 1',
  "CREATE SECRET (TYPE s3, KEY_ID 'a')",
];

/** Ways of putting a statement behind a query. */
const SMUGGLERS = [
  "SELECT 1; COPY (SELECT 1) TO 'SECRET'",
  '-- needs:\nPIVOT image ON state USING count(*); DROP TABLE derived.main.x',
  "-- needs:\nSELECT 1) ; COPY (SELECT 1) TO 'SECRET'; SELECT (1",
  "SELECT 1 FROM (COPY (SELECT 1) TO 'SECRET')",
];

const ATTEMPTS = [
  ...READERS,
  ...STATEMENTS,
  ...SMUGGLERS,
  // Where no table can be read from the text, the first line says so.
  ...STATEMENTS.map((sql) => `-- needs:\n${sql}`),
];

const PROBES = [
  { name: 'place', sql: "SELECT current_setting('temp_directory') AS place" },
  { name: 'home', sql: "SELECT getenv('HOME') AS home" },
] as const;

let build: ModelBuild;
let snapshotBefore: string;
beforeAll(async () => {
  fixture = new ModelFixture();
  await fixture.merge('r1', [{ id: 'a', url: 'http://h/a' }]);
  await fixture.publish();
  writeFileSync(fixture.path('secret.csv'), 'secret\n');
  snapshotBefore = snapshotHash();
  for (const [index, sql] of ATTEMPTS.entries()) {
    fixture.model(`escape_${index}`, withPaths(sql));
    fixture.model(`checks/check_${index}`, withPaths(sql));
  }
  for (const { name, sql } of PROBES) fixture.model(name, sql);
  build = await fixture.build({ previewRows: 1, target: null });
});
afterAll(() => {
  fixture.remove();
});

it.each(ATTEMPTS.map((sql, index) => ({ sql, index })))(
  'neither a model nor a check can do $sql',
  ({ index }) => {
    const model = modelOf(build, `escape_${index}`);
    expect(model.state).toBe('failed');
    expect(model.error).toMatch(/^models\/escape_\d+\.sql:\d+:\d+: /);
    expect(checkOf(build, `check_${index}`).state).toBe('error');
  },
);

it('what was tried has changed no file, and no other model', () => {
  expect(snapshotHash()).toBe(snapshotBefore);
  expect(readFileSync(fixture.path('secret.csv'), 'utf8')).toBe('secret\n');
  expect(readdirSync(fixture.path('tmp'))).toEqual([]);
  expect(modelOf(build, 'by_host').state).toBe('built');
});

it('a model sees no environment of the worker, and no folder but that of its process', () => {
  const place = modelOf(build, 'place').preview?.rows[0]?.place ?? '';
  expect(path.dirname(path.dirname(path.dirname(place)))).toBe(fixture.path('tmp'));
  expect(modelOf(build, 'home').error).toContain('getenv does not exist');
});
