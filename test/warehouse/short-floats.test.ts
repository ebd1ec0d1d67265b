/**
 * FLOATs have the digits that DuckDB writes, wherever values are read as JSON or as text: most
 * numbers of features are FLOATs, and 0.3 was printed as 0.30000001192092896.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import fc from 'fast-check';
import { shortFloat } from '../../src/duckdb/short-floats';
import { askOn } from '../../src/report/ask';
import { readFirstRows } from '../../src/serve/child/first-rows';
import { openDatabase } from '../../src/warehouse/driver/open-database';

const VALUES = `SELECT 0.3::FLOAT AS number, 0.3::DOUBLE AS double, [0.1, NULL]::FLOAT[] AS list,
  [0.7, 0.9]::FLOAT[2] AS "array", {'l': 0.6::FLOAT, 'n': [0.2::FLOAT]} AS struct,
  MAP {0.4::FLOAT: 0.8::FLOAT} AS map, 'nan'::FLOAT AS nan, 1e30::FLOAT AS large`;

const AS_JSON = {
  number: 0.3,
  double: 0.3,
  list: '[0.1,null]',
  array: '[0.7,0.9]',
  struct: '{"l":0.6,"n":[0.2]}',
  map: '[{"key":0.4,"value":0.8}]',
  nan: 'NaN',
  large: 1e30,
};

let instance: DuckDBInstance;
beforeAll(async () => {
  instance = await DuckDBInstance.create(':memory:');
});
afterAll(() => {
  instance.closeSync();
});

describe('a FLOAT is short', () => {
  it('in the result of a query', async () => {
    const spill = fs.mkdtempSync(path.join(os.tmpdir(), 'artemis-floats-'));
    const settings = { driver: 'node-api', memory: '500MB', threads: 1 } as const;
    const database = await openDatabase(settings, spill);
    const { rows } = await database.query(VALUES);
    await database.close();
    fs.rmSync(spill, { recursive: true });
    expect(rows).toEqual([AS_JSON]);
  });

  it('in a report, and on pages over the snapshot', async () => {
    const connection = await instance.connect();
    const answer = await askOn(connection)(VALUES);
    connection.closeSync();
    const read = (text: string): unknown => JSON.parse(text);
    expect(answer).toMatchObject({
      rows: [
        {
          ...AS_JSON,
          list: read(AS_JSON.list),
          array: read(AS_JSON.array),
          struct: read(AS_JSON.struct),
          map: read(AS_JSON.map),
        },
      ],
    });
  });

  it('in the rows of a query that a page shows', async () => {
    const connection = await instance.connect();
    const { rows } = await readFirstRows(await connection.prepare(VALUES));
    connection.closeSync();
    expect(rows).toEqual([
      [
        ...['0.3', '0.3', '[0.1, NULL]', '[0.7, 0.9]', "{'l': 0.6, 'n': [0.2]}", '{0.4: 0.8}'],
        ...['NaN', '1e+30'],
      ],
    ]);
  });
});

it('the short number of any FLOAT is that FLOAT, and has no more digits than DuckDB writes', async () => {
  const connection = await instance.connect();
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { minLength: 50 }),
      async (values) => {
        const list = values.map((value) => `'${value}'::FLOAT`).join(', ');
        const written = await connection.runAndReadAll(`SELECT unnest([${list}])::VARCHAR`);
        const digits = (text: string): number => text.replace(/e.*$|\D/g, '').length;
        written.getRows().forEach(([text], index) => {
          const value = values[index] ?? NaN;
          const short = shortFloat(value);
          expect(Math.fround(short)).toBe(value);
          expect(digits(short.toExponential())).toBeLessThanOrEqual(digits(String(text)));
        });
      },
    ),
    { numRuns: 20 },
  );
  connection.closeSync();
});

it.each([0, 7, 377_731_584, -16_777_216, 0.5, NaN, Infinity])(
  'the number %p stays as it is',
  (value) => {
    expect(shortFloat(value)).toBe(value);
  },
);
