/**
 * From the staged parts to the accepted rows: duplicates collapse, conflicts are rejected, the rest
 * is written.
 */
import type { DuckDBConnection } from '@duckdb/node-api';
import { z } from 'zod';
import { OBJECT_COLUMNS, OWN_COLUMNS, targetNames } from './catalog-columns';
import { PARTS } from './catalog-staging';
import { catalogFormat } from './part-format';
import { PARQUET_NAME, REJECTS_NAME, rejectGroup } from '../processes/process-messages';
import type { ParseCounts } from '../processes/process-messages';
import { identifier } from '../duckdb/sql-text';

/**
 * Writes both files into the working folder.
 *
 * As docs/reference/input.md says: of the rows of one id the first that has a URL is kept, or the
 * first when none has. Others with the same URL, or with none, are duplicates; each with another
 * URL is a `duplicate_conflict`, and those that are equal to one of these in every column are
 * duplicates of it.
 */
export async function finishCatalog(
  connection: DuckDBConnection,
  { columns, rows, ...shape }: FinishOptions,
): Promise<ParseCounts> {
  await findOtherRows(connection);
  await findConflicts(connection, columns);
  await connection.run(
    `COPY (SELECT record, line, id, code, detail FROM reject ORDER BY record) TO '${REJECTS_NAME}' (FORMAT json)`,
  );
  await writeAccepted(connection, columns, shape);
  return count(connection, rows);
}

/** Each of them is compared with every row, which takes a second for ten million rows. */
const MOST_NAMED_ROWS = 100;

export interface FinishOptions {
  readonly columns: readonly string[];
  /** The number of rows as the reader counted them. */
  readonly rows: number;
  /** Whether an id names an image of an object, not the object. */
  readonly hasObjects: boolean;
  readonly hasUrlColumns: boolean;
  /** Names that the input asks for: they are never renamed. */
  readonly wanted: readonly string[];
}

/**
 * Makes the table `other`: every row whose id a kept row has too. A row whose id no other row
 * has is not copied to any table.
 */
async function findOtherRows(connection: DuckDBConnection): Promise<void> {
  // Groups of hashes take a fraction of the memory of groups of ids, and hardly any are left.
  await connection.run(
    `CREATE TABLE twice AS SELECT id, coalesce(min(num) FILTER (url IS NOT NULL), min(num)) AS kept
     FROM ${PARTS} WHERE hash(id) IN (SELECT hash(id) AS h FROM ${PARTS} GROUP BY h HAVING count(*) > 1)
     GROUP BY id HAVING count(*) > 1`,
  );
  await connection.run(
    `CREATE TABLE kept AS SELECT p.num, p.rec, p.lin, p.url, p.fil FROM ${PARTS} p SEMI JOIN twice t ON p.num = t.kept`,
  );
  await connection.run(
    `CREATE TABLE other AS
     SELECT p.num, k.rec AS kept_rec, k.lin AS kept_lin, k.fil AS kept_fil, p.url IS NOT NULL AND p.url IS DISTINCT FROM k.url AS conflict
     FROM ${PARTS} p JOIN twice t ON p.id = t.id AND p.num <> t.kept
     JOIN kept k ON k.num = t.kept`,
  );
}

/**
 * Of conflicting rows that are equal in every column the first is the conflict, the others collapse
 * into it.
 */
async function findConflicts(
  connection: DuckDBConnection,
  columns: readonly string[],
): Promise<void> {
  const equal = ['id', 'url', ...columns.map((_, index) => `c${index}`)].join(', ');
  await connection.run(
    `CREATE TABLE conflict AS
     SELECT p.num, p.rec, p.lin, p.id, p.fil, o.kept_lin, o.kept_rec, o.kept_fil,
       row_number() OVER (PARTITION BY ${equal} ORDER BY p.num) AS nth
     FROM ${PARTS} p JOIN other o ON p.num = o.num AND o.conflict`,
  );
  await connection.run(
    `INSERT INTO reject
     SELECT rec, lin, id, 'duplicate_conflict',
       coalesce(fil || ': ', '') || CASE WHEN rec = kept_rec THEN 'the row has several URLs, of which the first is kept'
         ELSE 'the id has another URL in ' || coalesce(kept_fil || ', ', '') || coalesce('line ' || kept_lin, 'record ' || kept_rec) || ', which is kept' END
     FROM conflict WHERE nth = 1`,
  );
}

async function writeAccepted(
  connection: DuckDBConnection,
  columns: readonly string[],
  { hasObjects, hasUrlColumns, wanted }: Omit<FinishOptions, 'columns' | 'rows'>,
): Promise<void> {
  const [id, record, url] = OWN_COLUMNS;
  const [object, number, urlColumn] = OBJECT_COLUMNS;
  const own: [sql: string, name: string][] = [
    ['p.id', id],
    ['p.rec', record],
    ['p.url', url],
  ];
  if (hasObjects) {
    const nth =
      'row_number() OVER (PARTITION BY coalesce(p.obj, p.id), p.url IS NULL ORDER BY p.num)';
    own.push(['coalesce(p.obj, p.id)', object]);
    own.push([`CASE WHEN p.url IS NOT NULL THEN ${nth} END`, number]);
  }
  if (hasUrlColumns) own.push(['p.ucol', urlColumn]);
  const names = targetNames(columns, new Set(own.map(([, name]) => name)), wanted);
  const selected = [...own, ...names.map((name, index) => [`p.c${index}`, name] as const)];
  const list = selected.map(([sql, name]) => `${sql} AS ${identifier(name)}`).join(', ');
  const few = hasObjects ? null : await fewOthers(connection);
  const kept =
    few === null
      ? `${PARTS} p ANTI JOIN other o ON p.num = o.num ORDER BY p.num`
      : `${PARTS} p WHERE ${['true', ...few.map((num) => `p.num <> ${num}`)].join(' AND ')}`;
  await connection.run(
    `COPY (SELECT ${list} FROM ${kept})
     TO '${PARQUET_NAME}' ${catalogFormat(selected.length)}`,
  );
}

/**
 * The numbers of the rows that are not kept; null when there are too many to name them in SQL. The
 * parts are in the order of the rows. DuckDB keeps that order in a selection by conditions, but
 * does not promise to keep it in a join, after which wide rows must be sorted.
 *
 * @see https://duckdb.org/docs/stable/sql/dialect/order_preservation
 */
async function fewOthers(connection: DuckDBConnection): Promise<readonly string[] | null> {
  const reader = await connection.runAndReadAll(
    `SELECT num FROM other ORDER BY num LIMIT ${MOST_NAMED_ROWS + 1}`,
  );
  const numbers = reader.getRows().map(([num]) => String(num));
  return numbers.length > MOST_NAMED_ROWS ? null : numbers;
}

async function count(connection: DuckDBConnection, rows: number): Promise<ParseCounts> {
  const reader = await connection.runAndReadAll(
    `SELECT count(*), count(*) FILTER (thumb_url IS NULL), (SELECT count(*) FROM reject),
       (SELECT count(*) FROM other WHERE NOT conflict) + (SELECT count(*) FROM conflict WHERE nth > 1)
     FROM read_parquet('${PARQUET_NAME}')`,
  );
  const [images = 0, noUrl = 0, rejected = 0, duplicates = 0] = (reader.getRows()[0] ?? []).map(
    Number,
  );
  if (rows !== images + rejected + duplicates)
    throw new Error(
      `${rows} rows were read, but ${images} taken, ${rejected} rejected and ${duplicates} found to be duplicates: that is a bug`,
    );
  return {
    rows,
    images,
    noUrl,
    rejected,
    duplicates,
    rejectGroups: await groupRejects(connection),
  };
}

/** The first rejected row of each code. The code that most rows have comes first. */
async function groupRejects(connection: DuckDBConnection): Promise<ParseCounts['rejectGroups']> {
  const reader = await connection.runAndReadAll(
    `SELECT r.code, n.rows::DOUBLE AS rows, r.record::DOUBLE AS record, r.line::DOUBLE AS line, r.id, r.detail
     FROM reject r JOIN (SELECT code, count(*) AS rows, min(record) AS record FROM reject GROUP BY code) n
     USING (code, record) ORDER BY n.rows DESC, r.code`,
  );
  return z.array(rejectGroup).parse(reader.getRowObjects());
}
