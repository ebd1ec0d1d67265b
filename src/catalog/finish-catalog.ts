/** From the staged parts to the accepted rows: duplicates collapse, conflicts are rejected, the rest is written. */
import type { DuckDBConnection } from '@duckdb/node-api';
import { OWN_COLUMNS, targetName } from './catalog-columns';
import { PARTS } from './catalog-staging';
import { PARQUET_NAME, REJECTS_NAME } from '../processes/process-messages';
import type { ParseCounts } from '../processes/process-messages';
import { identifier } from '../processes/locked-database';

/**
 * Writes both files into the working folder.
 *
 * As docs/reference/input.md says: rows equal in every column to an earlier one collapse; same id and
 * URL: the first is kept; same id, other URL: each later one is a `duplicate_conflict`.
 */
export async function finishCatalog(
  connection: DuckDBConnection,
  columns: readonly string[],
  rows: number,
): Promise<ParseCounts> {
  await findLaterRows(connection);
  await findConflicts(connection, columns);
  await connection.run(
    `COPY (SELECT record, line, id, code, detail FROM reject ORDER BY record) TO '${REJECTS_NAME}' (FORMAT json)`,
  );
  await writeAccepted(connection, columns);
  return count(connection, rows);
}

/** `later`: every row whose id an earlier row has. Ids that come once never leave the scan. */
async function findLaterRows(connection: DuckDBConnection): Promise<void> {
  await connection.run(
    `CREATE TABLE twice AS SELECT id, min(rec) AS first_rec FROM ${PARTS} GROUP BY id HAVING count(*) > 1`,
  );
  await connection.run(
    `CREATE TABLE first_row AS SELECT p.rec, p.lin, p.url FROM ${PARTS} p SEMI JOIN twice t ON p.rec = t.first_rec`,
  );
  await connection.run(
    `CREATE TABLE later AS
     SELECT p.rec, f.rec AS first_rec, f.lin AS first_lin, p.url IS DISTINCT FROM f.url AS conflict
     FROM ${PARTS} p JOIN twice t ON p.id = t.id AND p.rec > t.first_rec
     JOIN first_row f ON f.rec = t.first_rec`,
  );
}

/** Of conflicting rows that are equal in every column the first is the conflict, the others collapse into it. */
async function findConflicts(
  connection: DuckDBConnection,
  columns: readonly string[],
): Promise<void> {
  const equal = ['id', ...columns.map((_, index) => `c${index}`)].join(', ');
  await connection.run(
    `INSERT INTO reject
     SELECT rec, lin, id, 'duplicate_conflict',
       'the id has another URL in ' || coalesce('line ' || first_lin, 'record ' || first_rec) || ', which is kept'
     FROM (
       SELECT p.rec, p.lin, p.id, l.first_lin, l.first_rec,
         row_number() OVER (PARTITION BY ${equal} ORDER BY p.rec) AS nth
       FROM ${PARTS} p JOIN later l ON p.rec = l.rec AND l.conflict)
     WHERE nth = 1`,
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
    `COPY (SELECT ${own}${others.join('')} FROM ${PARTS} p ANTI JOIN later l ON p.rec = l.rec ORDER BY p.rec)
     TO '${PARQUET_NAME}' (FORMAT parquet, COMPRESSION zstd)`,
  );
}

async function count(connection: DuckDBConnection, rows: number): Promise<ParseCounts> {
  const reader = await connection.runAndReadAll(
    `SELECT count(*), count(*) FILTER (thumb_url IS NULL), (SELECT count(*) FROM reject)
     FROM read_parquet('${PARQUET_NAME}')`,
  );
  const [images, noUrl, rejected] = (reader.getRows()[0] ?? []).map(Number);
  const counts = { rows, images: images ?? 0, noUrl: noUrl ?? 0, rejected: rejected ?? 0 };
  return { ...counts, duplicates: rows - counts.images - counts.rejected };
}
