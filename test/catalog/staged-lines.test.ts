/** Cells reach catalog.parquet unchanged, whichever way their rows take to DuckDB. */
import fc from 'fast-check';
import '../../src/duckdb/keep-byte-order-marks';
import { DataRootFixture } from './data-root-fixture';

let fixture: DataRootFixture;

beforeEach(() => {
  fixture = new DataRootFixture();
});

afterEach(() => {
  fixture.remove();
});

type Cells = Readonly<Record<string, string>>;

/** More rows than are written at once. */
const MANY = 2_500;

/** What separates cells and lines, what stands for ends of lines, and what other dialects use. */
const PIECES = [
  ...['\n', '\r', '\r\n', '\u001f', '\u001d', '\u001e', '\u0000', '\u001c', '\u0085', '\u2028'],
  ...['a', 'b', ' ', '\t', '"', "'", ',', ';', '\\', '\\N', '#', 'NULL', '\ufeff', 'é', '漢', '😀'],
];

const cell = fc.array(fc.constantFrom(...PIECES), { maxLength: 5 }).map((parts) => parts.join(''));

/** Rows have some of these columns, so the catalog gets new ones while it is read. */
const cells: fc.Arbitrary<Cells> = fc.dictionary(fc.constantFrom('c', 'd', 'e', 'f', 'g'), cell, {
  maxKeys: 5,
});

/** Writes rows as NDJSON, with ids and URLs, and reads them from catalog.parquet. */
async function expectUnchanged(rows: readonly Cells[]): Promise<void> {
  const records = rows.map((row, n) => ({ id: `i${n}`, url: `https://a.test/${n}`, ...row }));
  const text = records.map((record) => `${JSON.stringify(record)}\n`).join('');
  const result = await fixture.readText(text, { format: 'ndjson' });
  expect(result).toMatchObject({ rows: rows.length, images: rows.length, rejected: 0 });
  const columns = [...new Set(records.flatMap((record) => Object.keys(record)))];
  const found = (await fixture.rows()).map((row) => columns.map((column) => row[column]));
  const filled = (record: Cells): unknown[] =>
    columns.map((column) => (record[column] === '' ? null : (record[column] ?? null)));
  expect(found).toEqual(records.map(filled));
}

test('texts with any characters are the same in catalog.parquet', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(cells, { minLength: 1, maxLength: 200, size: 'max' }),
      async (rows) => {
        await expectUnchanged(rows);
      },
    ),
    { numRuns: 20, endOnFailure: true },
  );
}, 120_000);

test('rows keep their order and cells where only some of them have characters of their own', async () => {
  const rows = Array.from({ length: MANY }, (_, n): Cells => {
    if (n % 97 === 3) return { c: `line ${n}\r\nline\n`, d: 'x' };
    if (n % 97 === 4) return { c: `unit\u001f${n}`, d: 'x' };
    if (n % 97 === 5) return { c: `group\u001d${n}\n`, d: '' };
    return { c: `plain ${n}` };
  });
  await expectUnchanged(rows);
});

test('columns that appear late are empty in earlier rows', async () => {
  const rows = Array.from({ length: MANY }, (_, n): Cells => {
    if (n < MANY - 2) return { c: `${n}` };
    return n === MANY - 1 ? { c: 'last', z: 'late\u001f' } : { c: 'before', y: 'late' };
  });
  await expectUnchanged(rows);
});

test('a row with cells of a million characters is taken whole', async () => {
  const long = '漢'.repeat(1_000_000);
  await expectUnchanged([{ c: 'a' }, { c: long, d: `${long}\n` }, { c: 'b' }]);
});

test('a cell that begins with a byte order mark keeps it in the first row', async () => {
  await expectUnchanged([{ c: '\ufeffa' }, { c: '\ufeff' }]);
});
