/** The fingerprint of everything that the tables of the models are computed from. */
import { createHash } from 'node:crypto';
import type { DuckDBConnection } from '@duckdb/node-api';
import { publishedFingerprints } from '../../processes/attached-files';
import { identifier } from '../../duckdb/sql-text';
import { unorderedHashSql } from '../../processes/unordered-hash';
import type { ModelFile } from '../model-job';

/** Raise it when the same content and files give other tables. */
const MODELS_VERSION = 1;

/** Tables that are computed from others, or say nothing about the collection. */
const WITHOUT_CONTENT = ['image', 'feature', 'schema_version', 'derived_from'];

/** Tables that describe runs. */
const OF_RUNS = ['etl_run', 'etl_step', 'etl_run_code', 'etl_commit'];

/**
 * Runs that have ended, and that left something. Without this condition every run would change the
 * fingerprint for the next one.
 */
const COUNTED_RUNS = `
  SELECT run_id FROM snapshot.main.etl_run
  WHERE ended_at IS NOT NULL AND run_id IN (
    SELECT run_id FROM snapshot.main.fact_download
    UNION SELECT run_id FROM snapshot.main.fact_feature
    UNION SELECT first_seen_run_id FROM snapshot.main.dim_image)`;

/**
 * Names that make the result of a query depend on more than the content, beside the functions that
 * DuckDB does not mark as consistent. `age` of one timestamp is its distance from today; `snapshot`
 * is what was published last.
 */
const CHANGING_NAMES = `age current_date current_time current_timestamp localtime localtimestamp
  sample tablesample snapshot`.split(/\s+/);

/** Derived tables that models read: of these the fingerprints count instead of the rows. */
const OF_CLUSTERS = ['cluster', 'cluster_member'];

/**
 * The order of rows does not matter.
 *
 * @returns 64 hexadecimal digits; null when a file may give another table of the same content,
 *   because it names the time, chance, or what was published before.
 */
export async function contentFingerprint(
  connection: DuckDBConnection,
  files: readonly ModelFile[],
): Promise<string | null> {
  const changing = await changingNames(connection);
  if (files.some(({ text }) => namesIn(text).some((name) => changing.has(name)))) return null;
  const digest = createHash('sha256').update(JSON.stringify([MODELS_VERSION, files]));
  const derived = await publishedFingerprints(connection);
  for (const table of await contentTables(connection, derived))
    digest.update(JSON.stringify([table, await hashOfRows(connection, table)]));
  digest.update(JSON.stringify([...derived].filter(([table]) => OF_CLUSTERS.includes(table))));
  return digest.digest('hex');
}

/** All words of a query but those of lines that are comments. */
function namesIn(text: string): readonly string[] {
  const withoutComments = text.toLowerCase().replace(/^[ \t]*--.*$/gm, '');
  return withoutComments.match(/[a-z_][a-z0-9_]*/g) ?? [];
}

async function changingNames(connection: DuckDBConnection): Promise<ReadonlySet<string>> {
  const functions = await connection.runAndReadAll(
    `SELECT DISTINCT lower(function_name) FROM duckdb_functions() WHERE stability <> 'CONSISTENT'`,
  );
  const names = functions.getRows().map(([name]) => String(name));
  return new Set([...names, ...CHANGING_NAMES]);
}

/** All tables of the snapshot but the derived ones, whose fingerprints are known. */
async function contentTables(
  connection: DuckDBConnection,
  derived: ReadonlyMap<string, string>,
): Promise<readonly string[]> {
  const tables = await connection.runAndReadAll(
    "SELECT table_name FROM duckdb_tables() WHERE database_name = 'snapshot' ORDER BY 1",
  );
  const excluded = new Set([...WITHOUT_CONTENT, ...derived.keys()]);
  return tables
    .getRows()
    .map(([table]) => String(table))
    .filter((table) => !excluded.has(table));
}

async function hashOfRows(connection: DuckDBConnection, table: string): Promise<unknown> {
  const answer = await connection.runAndReadAll(
    `SELECT ${unorderedHashSql('hash(*COLUMNS(*))')} FROM (${rowsOf(table)})`,
  );
  return answer.getRows()[0];
}

function rowsOf(table: string): string {
  const name = `snapshot.main.${identifier(table)}`;
  if (OF_RUNS.includes(table)) return `FROM ${name} WHERE run_id IN (${COUNTED_RUNS})`;
  // Each run that reads the same catalog rejects the same rows.
  if (table === 'catalog_reject') return `SELECT DISTINCT * EXCLUDE (run_id) FROM ${name}`;
  return `FROM ${name}`;
}
