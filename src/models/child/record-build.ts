/** Writes what became of each model and check into tables beside those of the models. */
import { DOUBLE, BIGINT, LIST, VARCHAR, listValue } from '@duckdb/node-api';
import type { DuckDBConnection } from '@duckdb/node-api';
import { recordOrigin, type Origin } from '../../processes/attached-files';
import type { ModelBuild } from '../model-job';

/** docs/reference/warehouse.md describes the columns. */
const TABLES = `
  CREATE TABLE derived.main.model (name VARCHAR NOT NULL, file VARCHAR NOT NULL, rows BIGINT,
    bytes BIGINT, seconds DOUBLE, state VARCHAR NOT NULL, error VARCHAR, needs VARCHAR[], doc VARCHAR);
  CREATE TABLE derived.main.check_result (name VARCHAR NOT NULL, file VARCHAR NOT NULL,
    state VARCHAR NOT NULL, bad_rows BIGINT, example VARCHAR, error VARCHAR, doc VARCHAR)`;

export async function recordBuild(
  connection: DuckDBConnection,
  { models, checks }: ModelBuild,
  origin: Origin | null,
): Promise<void> {
  await connection.run(TABLES);
  for (const { name, file, rows, bytes, seconds, state, error, needs, doc } of models)
    await connection.run(
      'INSERT INTO derived.main.model VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)',
      [name, file, asBigInt(rows), asBigInt(bytes), seconds, state, error, listValue(needs), doc],
      [VARCHAR, VARCHAR, BIGINT, BIGINT, DOUBLE, VARCHAR, VARCHAR, LIST(VARCHAR), VARCHAR],
    );
  for (const { name, file, state, badRows, example, error, doc } of checks)
    await connection.run(
      'INSERT INTO derived.main.check_result VALUES ($1, $2, $3, $4, $5, $6, $7)',
      [name, file, state, asBigInt(badRows), example, error, doc],
      [VARCHAR, VARCHAR, VARCHAR, BIGINT, VARCHAR, VARCHAR, VARCHAR],
    );
  await recordOrigin(connection, origin);
}

function asBigInt(value: number | null): bigint | null {
  return value === null ? null : BigInt(value);
}
