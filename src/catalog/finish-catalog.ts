/** From the staged parts to the accepted rows: duplicates collapse, conflicts are rejected, the rest is written. */
import type { DuckDBConnection } from '@duckdb/node-api';
import { z } from 'zod';
import { OWN_COLUMNS, targetName } from './catalog-columns';
import { PARTS } from './catalog-staging';
import { PARQUET_NAME, REJECTS_NAME, rejectGroup } from '../processes/process-messages';
import type { ParseCounts } from '../processes/process-messages';
import { identifier } from '../processes/locked-database';

/**
 * Writes both files into the working folder.
 *
 * As docs/reference/input.md says: of the rows of one id the first that has a URL is kept, or the first when none
 * has. Others with the same URL, or with none, are duplicates; each with another URL is a `duplicate_conflict`, and those that
 * are equal to one of these in every column are duplicates of it.
 */
export async function finishCatalog(
  connection: DuckDBConnection,
  columns: readonly string[],
  rows: number,
): Promise<ParseCounts> {
  await findOtherRows(connection);
  await findConflicts(connection, columns);
  await connection.run(
    `COPY (SELECT record, line, id, code, detail FROM reject ORDER BY record) TO '${REJECTS_NAME}' (FORMAT json)`,
  );
  await writeAccepted(connection, columns);
  return count(connection, rows);
}

/** `other`: every row whose id is another row's, which is kept. Ids that come once never leave the scan. */
async function findOtherRows(connection: DuckDBConnection): Promise<void> {
  await connection.run(
    `CREATE TABLE twice AS SELECT id, coalesce(min(rec) FILTER (url IS NOT NULL), min(rec)) AS kept_rec
     FROM ${PARTS} GROUP BY id HAVING count(*) > 1`,
  );
  await connection.run(
    `CREATE TABLE kept AS SELECT p.rec, p.lin, p.url FROM ${PARTS} p SEMI JOIN twice t ON p.rec = t.kept_rec`,
  );
  await connection.run(
    `CREATE TABLE other AS
     SELECT p.rec, k.rec AS kept_rec, k.lin AS kept_lin, p.url IS NOT NULL AND p.url IS DISTINCT FROM k.url AS conflict
     FROM ${PARTS} p JOIN twice t ON p.id = t.id AND p.rec <> t.kept_rec
     JOIN kept k ON k.rec = t.kept_rec`,
  );
}

/** Of conflicting rows that are equal in every column the first is the conflict, the others collapse into it. */
async function findConflicts(
  connection: DuckDBConnection,
  columns: readonly string[],
): Promise<void> {
  const equal = ['id', ...columns.map((_, index) => `c${index}`)].join(', ');
  await connection.run(
    `CREATE TABLE conflict AS
     SELECT p.rec, p.lin, p.id, o.kept_lin, o.kept_rec,
       row_number() OVER (PARTITION BY ${equal} ORDER BY p.rec) AS nth
     FROM ${PARTS} p JOIN other o ON p.rec = o.rec AND o.conflict`,
  );
  await connection.run(
    `INSERT INTO reject
     SELECT rec, lin, id, 'duplicate_conflict',
       'the id has another URL in ' || coalesce('line ' || kept_lin, 'record ' || kept_rec) || ', which is kept'
     FROM conflict WHERE nth = 1`,
  );
}

async function writeAccepted(
  connection: DuckDBConnection,
  columns: readonly string[],
): Promise<void> {
  const [id, record, url] = OWN_COLUMNS;
  const own = `p.id AS ${id}, p.rec AS ${record}, p.url AS ${url}`;
  const others = columns.map((name, index) => `, p.c${index} AS ${identifier(targetName(name))}`);
  await connection.run(
    `COPY (SELECT ${own}${others.join('')} FROM ${PARTS} p ANTI JOIN other o ON p.rec = o.rec ORDER BY p.rec)
     TO '${PARQUET_NAME}' (FORMAT parquet, COMPRESSION zstd)`,
  );
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

/** One for each code, that with most rows first. */
async function groupRejects(connection: DuckDBConnection): Promise<ParseCounts['rejectGroups']> {
  const reader = await connection.runAndReadAll(
    `SELECT r.code, n.rows::DOUBLE AS rows, r.record::DOUBLE AS record, r.line::DOUBLE AS line, r.id, r.detail
     FROM reject r JOIN (SELECT code, count(*) AS rows, min(record) AS record FROM reject GROUP BY code) n
     USING (code, record) ORDER BY n.rows DESC, r.code`,
  );
  return z.array(rejectGroup).parse(reader.getRowObjects());
}
