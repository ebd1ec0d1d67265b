/** The fingerprint of all that the tables of the models follow from. */
import { createHash } from 'node:crypto';
import type { DuckDBConnection } from '@duckdb/node-api';
import { identifier } from '../../processes/locked-database';
import type { ModelFile } from '../model-job';

/** Raise it when the same content and files give other tables. */
const MODELS_VERSION = 1;

/** Tables that follow from others, or say nothing about the collection. */
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
 * Names in queries whose results change without the content, beside the functions of which DuckDB
 * says so. `age` of one timestamp is its distance from today; `snapshot` is what was published
 * last.
 */
const CHANGING_NAMES = `age current_date current_time current_timestamp localtime localtimestamp
  sample tablesample snapshot`.split(/\s+/);

/**
 * The order of rows does not matter: the hashes of the rows are added up.
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
  for (const table of await contentTables(connection))
    digest.update(JSON.stringify([table, await hashOfRows(connection, table)]));
  digest.update(JSON.stringify(await derivedFingerprints(connection)));
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
async function contentTables(connection: DuckDBConnection): Promise<readonly string[]> {
  const derived = (await derivedTables(connection)).map(([table]) => table);
  const tables = await connection.runAndReadAll(
    "SELECT table_name FROM duckdb_tables() WHERE database_name = 'snapshot' ORDER BY 1",
  );
  const excluded = new Set([...WITHOUT_CONTENT, ...derived]);
  return tables
    .getRows()
    .map(([table]) => String(table))
    .filter((table) => !excluded.has(table));
}

async function hashOfRows(connection: DuckDBConnection, table: string): Promise<unknown> {
  const answer = await connection.runAndReadAll(
    `SELECT count(*)::VARCHAR, sum(hash(*COLUMNS(*))::HUGEINT)::VARCHAR, bit_xor(hash(*COLUMNS(*)))::VARCHAR
     FROM (${rowsOf(table)})`,
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

/** Those of the tables that are not of models. */
async function derivedFingerprints(connection: DuckDBConnection): Promise<unknown> {
  const tables = await derivedTables(connection);
  return tables.filter(([table]) => table === 'cluster' || table === 'cluster_member');
}

/** Each derived table of the snapshot with its fingerprint. */
async function derivedTables(
  connection: DuckDBConnection,
): Promise<readonly (readonly [string, string])[]> {
  const present = await connection.runAndReadAll(
    "SELECT 1 FROM duckdb_tables() WHERE database_name = 'snapshot' AND table_name = 'derived_from'",
  );
  if (present.currentRowCount === 0) return [];
  const rows = await connection.runAndReadAll(
    'SELECT table_name, fingerprint FROM snapshot.main.derived_from ORDER BY table_name',
  );
  return rows.getRows().map(([table, fingerprint]) => [String(table), String(fingerprint)]);
}
