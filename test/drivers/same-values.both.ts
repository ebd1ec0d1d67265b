/**
 * Shows that both drivers, in one process, return the same values for the same queries. Run by `npm
 * run test:duckdb-async`.
 */
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import type { DatabaseConfig } from '../../src/config';
import { rowsOf, type Database, type Value } from '../../src/warehouse/driver/database';
import { openDatabase } from '../../src/warehouse/driver/open-database';

const DRIVERS = ['node-api', 'duckdb-async'] as const;
const opened = new Map<DatabaseConfig['driver'], Database>();

beforeAll(async () => {
  const spill = path.join(os.tmpdir(), 'artemis-drivers-spill');
  for (const driver of DRIVERS)
    opened.set(driver, await openDatabase({ driver, memory: '500MB', threads: 2 }, spill));
});
afterAll(async () => {
  for (const database of opened.values()) await database.close();
});

function databases(): readonly [Database, Database] {
  const [first, second] = DRIVERS.map((driver) => opened.get(driver));
  if (first === undefined || second === undefined) throw new Error('a driver did not open');
  return [first, second];
}

/** The drivers' answers. One of them quotes the fields of a STRUCT type, and the other does not. */
async function answers(sql: string, parameters: readonly Value[] = []): Promise<unknown[]> {
  const results = databases().map((database) => database.query(sql, parameters));
  return (await Promise.all(results)).map(({ columns, rows }) => ({
    columns: columns.map(({ name, type }) => ({ name, type: type.replaceAll('"', '') })),
    rows,
  }));
}

describe('the two drivers', () => {
  it('use two versions of DuckDB', async () => {
    const [first, second] = databases();
    const of = async (database: Database): Promise<Value | undefined> =>
      (await rowsOf(database, 'SELECT version() AS v'))[0]?.v;
    expect([await of(first), await of(second)]).toEqual(['v1.5.5', 'v1.4.1']);
  });

  it.each([
    "SELECT 1::TINYINT a, 2::SMALLINT b, 3::INTEGER c, 4::UINTEGER d, true e, NULL f, 'ü\u{1f600}' g",
    "SELECT '\ufeffa' a, ['\ufeff'] b, {'c': '\ufeff\ufeff'} c, chr(0) || 'd' d",
    'SELECT 9007199254740991 a, 9007199254740992 b, -9007199254740993 c, 1::UBIGINT d, 170141183460469231731687303715884105727::HUGEINT e',
    'SELECT count(*) a, sum(range) b, sum(range::DECIMAL(9, 2)) c FROM range(10)',
    "SELECT 12.50::DECIMAL(9, 2) a, 0.1::DOUBLE b, 0.3::FLOAT c, 'nan'::DOUBLE d, '-inf'::DOUBLE e, 1e300 f",
    "SELECT TIMESTAMP '2026-01-01 10:00:00.123456' a, TIMESTAMP '2026-01-01' b, DATE '2026-01-31' c, TIME '10:00:00.5' d, TIMESTAMP_NS '2026-01-01 10:00:00.123456789' e, TIMESTAMP_S '2026-01-01 10:00:00' f, TIMESTAMP '1500-02-28 00:00:00' g",
    "SELECT INTERVAL '1 month 2 days 3 seconds' a, 'x'::ENUM('x', 'y') b, '101'::BIT c, '4ac7a9e9-607c-4c8a-84f3-843f0191e3fd'::UUID d, '{\"a\":1}'::JSON e",
    "SELECT [1, 2] a, {'n': 1, 'big': 2::BIGINT, 'at': TIMESTAMP '2026-01-01 00:00:00', 'd': 1.50} b, MAP {'k': 1} c, [[{'x': NULL}], NULL] d, NULL::INTEGER[] e, NULL::STRUCT(a INTEGER) f",
    "SELECT [0.1::FLOAT, NULL] a, {'l': 0.6::FLOAT, 'n': [0.2::FLOAT]} b, MAP {0.4::FLOAT: 0.8::FLOAT} c, NULL::FLOAT d",
    "SELECT 1 a, 2 a, 3 a, TIMESTAMP '2026-01-01 00:00:00' b",
    "SELECT DATE '2026-01-01' + n::INTEGER AS day FROM range(100) t(n) ORDER BY n DESC; ",
    "FROM (VALUES (DATE '2026-01-01')) t(a) -- a comment",
    "WITH q AS (SELECT DATE '2026-01-01' AS a) FROM q WHERE a IS NOT NULL",
    'SELECT DATE \'2026-01-01\' AS "with ""quotes""", 1.5::DECIMAL(3, 1) AS "a b"',
    'SELECT * FROM range(0)',
  ])('return the same for %s', async (sql) => {
    const [first, second] = await answers(sql);
    expect(second).toEqual(first);
  });

  it('accept the same parameters', async () => {
    const sql =
      "SELECT ?::VARCHAR AS a, ?::BIGINT AS b, ?::INTEGER AS c, CAST(? AS TIMESTAMPTZ) AT TIME ZONE 'UTC' AS d";
    const [first, second] = await answers(sql, ['t', 2 ** 40, null, '2026-01-01T10:00:00.123Z']);
    expect(second).toEqual(first);
  });

  it('append the same rows', async () => {
    const text = fc.oneof(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary' }));
    const row = fc.tuple(fc.option(text), fc.option(fc.maxSafeInteger()), fc.option(fc.boolean()));
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 50 }), async (rows) => {
        const seen = [];
        for (const database of databases()) {
          await database.run('CREATE OR REPLACE TABLE t (s VARCHAR, n BIGINT, b BOOLEAN)');
          await database.append('t', rows);
          seen.push(await rowsOf(database, 'SELECT s, n, b FROM t ORDER BY rowid'));
        }
        expect(seen[1]).toEqual(seen[0]);
        expect(seen[0]).toEqual(rows.map(([s, n, b]) => ({ s, n, b })));
      }),
      { numRuns: 60 },
    );
  });

  it('refuse invalid SQL in the same way, and continue to work', async () => {
    for (const database of databases()) {
      await expect(database.query('SELECT nothing FROM nowhere')).rejects.toThrow(/nowhere/);
      expect(await rowsOf(database, 'SELECT 1 AS a')).toEqual([{ a: 1 }]);
    }
  });
});
