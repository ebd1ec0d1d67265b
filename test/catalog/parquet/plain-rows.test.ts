/** Rows of Parquet that SQL takes are those that JavaScript would have taken. */
import type { DuckDBConnection } from '@duckdb/node-api';
import fc from 'fast-check';
import { StepError } from '../../../src/contract/errors';
import type { ResolvedInput } from '../../../src/contract/run-input';
import { query, type DataRootFixture } from '../data-root-fixture';
import { forEachTest } from './parquet-scene';

const CATALOG = 'catalogs/listing.parquet';
/** A file with a column of this name hides the numbers of its rows, so SQL takes none of them. */
const HIDING_COLUMN = 'file_row_number';

interface TableRow {
  readonly id: string | null;
  readonly url: string | null;
  readonly title: string | null;
}

let connection: DuckDBConnection;
let fixture: DataRootFixture;

forEachTest((scene) => ({ connection, fixture } = scene));

/** Makes the table `listing` of these rows. */
async function fill(rows: readonly TableRow[]): Promise<void> {
  await connection.run('CREATE OR REPLACE TABLE listing (id VARCHAR, url VARCHAR, title VARCHAR)');
  const appender = await connection.createAppender('listing');
  for (const { id, url, title } of rows) {
    for (const text of [id, url, title]) {
      if (text === null) appender.appendNull();
      else appender.appendVarchar(text);
    }
    appender.endRow();
  }
  appender.closeSync();
}

/** Everything that a parse leaves, or the error with which it ends. */
async function outcomeOf(select: string, input: Partial<ResolvedInput>): Promise<unknown> {
  await connection.run(`COPY (${select}) TO '${fixture.path(CATALOG)}' (FORMAT parquet)`);
  try {
    const { catalog: _, ...result } = await fixture.parse(CATALOG, { format: 'parquet', ...input });
    const rows = (await fixture.rows()).map(({ [HIDING_COLUMN]: __, ...row }) => row);
    return { result, rejects: fixture.rejects(), rows };
  } catch (error) {
    if (!(error instanceof StepError)) throw error;
    return { code: error.code, message: error.message, rejects: fixture.rejects() };
  }
}

async function expectSame(input: Partial<ResolvedInput>): Promise<void> {
  const bySql = await outcomeOf('FROM listing', input);
  const byScript = await outcomeOf(
    `SELECT *, NULL::VARCHAR AS ${HIDING_COLUMN} FROM listing`,
    input,
  );
  expect(bySql).toEqual(byScript);
}

const SPACES = [' ', '\t', '\n', '\u0085', '\u00a0', '\u2003', '\u2028', '\ufeff'];
const OTHERS = ['\u0000', '\u001b', '\u200b', '\ue000', 'é', '漢', '😀', '\\N', '"', "'", '[', ']'];

function textOf(pieces: readonly string[], maxLength: number): fc.Arbitrary<string | null> {
  const text = fc.array(fc.constantFrom(...pieces), { maxLength });
  return fc.option(
    text.map((parts) => parts.join('')),
    { freq: 12 },
  );
}

const tableRow: fc.Arbitrary<TableRow> = fc.record({
  id: textOf(['a', 'b', '1', '2.0', '-7.00', '.0', '#', '|', ...SPACES, ...OTHERS], 3),
  url: fc
    .tuple(
      fc.constantFrom('', '', 'http://', 'https://', 'https://', 'HTTPS://', 'ftp://', '/', ' '),
      textOf(
        [
          ...['a.test/1', 'b.test/2', '/', '://', 'http://c.test/3', 'Https://d.test/4'],
          ...[',', ';', '|', ...SPACES, ...OTHERS],
        ],
        4,
      ),
    )
    .map(([start, rest]) => (rest === null ? null : start + rest)),
  title: textOf(['x', 'y', '', ...SPACES, ...OTHERS], 2),
});

const shape: fc.Arbitrary<Partial<ResolvedInput>> = fc.constantFrom(
  {},
  {},
  { many: true },
  { integerIds: true },
  { many: true, integerIds: true },
  { idFrom: 'url' as const },
  { idFrom: 'record' as const, many: true },
  { urlSeparator: '' },
  { urlSeparator: ';' },
  { baseUrl: 'https://base.test/x/' },
);

test('rows of odd ids and URLs are the same whether SQL or JavaScript takes them', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(tableRow, { minLength: 1, maxLength: 300, size: 'max' }),
      shape,
      async (rows, input) => {
        await fill(rows);
        await expectSame(input);
      },
    ),
    { numRuns: 10, endOnFailure: true },
  );
}, 120_000);

test('plain and other rows of several row groups keep their order', async () => {
  await connection.run(
    `COPY (
       SELECT CASE WHEN n % 1000 = 7 THEN '' ELSE 'i' || n END AS id,
         CASE WHEN n % 1000 = 3 THEN 'https://a.test/' || n || ' https://b.test/' || n
           WHEN n % 1000 = 4 THEN NULL
           WHEN n BETWEEN 123_100 AND 123_199 THEN ' https://a.test/' || n
           ELSE 'https://a.test/' || n END AS url
       FROM range(130_000) r(n)
     ) TO '${fixture.path(CATALOG)}' (FORMAT parquet)`,
  );
  const result = await fixture.parse(CATALOG, { format: 'parquet', many: true });
  expect(result).toMatchObject({ rows: 130_130, images: 130_000, rejected: 130, noUrl: 130 });
  const [order] = await query(
    `SELECT count(*) FILTER (record < before OR record = before AND thumb_url LIKE 'https://a.%') AS wrong,
       count(*) FILTER (record = before) AS second, count(DISTINCT record) AS records,
       count(*) FILTER (thumb_url NOT IN ('https://a.test/' || record - 1, 'https://b.test/' || record - 1)) AS others
     FROM (SELECT *, lag(record) OVER (ORDER BY file_row_number) AS before
       FROM read_parquet('${fixture.path('runs', fixture.runId, 'catalog.parquet')}', file_row_number = true))`,
  );
  expect(order).toEqual({ wrong: '0', second: '130', records: '129870', others: '0' });
});

test('the columns of a further file are found by their names beside plain rows', async () => {
  await fill([
    { id: 'a', url: 'https://a.test/1', title: '' },
    { id: 'b', url: ' https://a.test/2', title: 'two' },
  ]);
  const first = fixture.path('catalogs', '1.parquet');
  const second = fixture.path('catalogs', '2.parquet');
  await connection.run(`COPY listing TO '${first}' (FORMAT parquet)`);
  await connection.run(
    `COPY (SELECT title AS "other's", url || '3' AS url, id || '3' AS id FROM listing) TO '${second}' (FORMAT parquet)`,
  );
  const input = { format: 'parquet' as const };
  const { rows, rejected } = await fixture.parse('catalogs', input);
  expect({ rows, rejected }).toEqual({ rows: 4, rejected: 0 });
  expect(await fixture.rows()).toEqual([
    row('a', 1, 'https://a.test/1', null, null),
    { ...row('b', 2, 'https://a.test/2', 'two', null), url: ' https://a.test/2' },
    row('a3', 3, 'https://a.test/13', null, null),
    { ...row('b3', 4, 'https://a.test/23', null, 'two'), url: ' https://a.test/23' },
  ]);
});

function row(
  id: string,
  record: number,
  url: string,
  title: string | null,
  other: string | null,
): Readonly<Record<string, unknown>> {
  return {
    source_image_id: id,
    record: String(record),
    thumb_url: url,
    id,
    url,
    title,
    "other's": other,
  };
}
