/** What became of the models and checks whose tables are in the snapshot. */
import type { DuckDBConnection } from '@duckdb/node-api';
import { publishedFingerprints } from '../../processes/attached-files';
import { builtModel, checkResult, type ModelBuild } from '../model-job';

/**
 * @returns null unless the tables in the snapshot have this fingerprint, and all of them could be
 *   built: what took too long, or had no memory, may succeed the next time.
 */
export async function publishedBuild(
  connection: DuckDBConnection,
  fingerprint: string,
): Promise<ModelBuild | null> {
  if ((await publishedFingerprints(connection)).get('model') !== fingerprint) return null;
  const models = await rowsOf(
    connection,
    `SELECT name, file, doc, needs, state, rows::DOUBLE AS rows, bytes::DOUBLE AS bytes, seconds, error
     FROM snapshot.main.model ORDER BY rowid`,
  );
  const checks = await rowsOf(
    connection,
    `SELECT name, file, doc, state, bad_rows::DOUBLE AS "badRows", example, error
     FROM snapshot.main.check_result ORDER BY rowid`,
  );
  const build: ModelBuild = {
    models: models.map((row) => builtModel.parse({ ...row, preview: null })),
    checks: checks.map((row) => checkResult.parse(row)),
    isReused: true,
  };
  const isWhole =
    build.models.every(({ state }) => state === 'built') &&
    build.checks.every(({ error }) => error === null);
  return isWhole ? build : null;
}

async function rowsOf(
  connection: DuckDBConnection,
  sql: string,
): Promise<readonly Readonly<Record<string, unknown>>[]> {
  return (await connection.runAndReadAll(sql)).getRowObjectsJson();
}
