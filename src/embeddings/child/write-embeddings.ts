/** Writes the table `embedding` to the derived file. */
import { createHash } from 'node:crypto';
import type { DuckDBConnection } from '@duckdb/node-api';
import { PUBLISHED_LENGTH } from '../../contract/embeddings/embedding';
import { publishedFingerprints, recordOrigin } from '../../processes/attached-files';
import { literal, queryNumber, queryTexts } from '../../processes/locked-database';
import { unorderedHashSql } from '../../processes/unordered-hash';
import { SEGMENT_NAME, type ComputeJob } from '../embedding-job';
import { throwProblemOfMachine } from './known-embeddings';

/** Raise it when the same segments give another table, so that every data root gets it. */
const TABLE_VERSION = 1;

export interface WrittenEmbeddings {
  readonly kind: 'written';
  /** False when the snapshot has the same table: then nothing was written. */
  readonly isWritten: boolean;
  /** Numbers of stored files with and without an embedding. */
  readonly files: number;
  readonly failed: number;
}

/** Segments whose numbers cannot be read, and how many files are to be computed again for them. */
export interface DamagedSegments {
  readonly kind: 'damaged';
  readonly segments: readonly string[];
  readonly files: number;
}

/**
 * Writes nothing where a segment is damaged.
 *
 * @throws StepError db_memory, disk_*; DuckDB's errors.
 */
export async function writeEmbeddings(
  connection: DuckDBConnection,
  { model, runId }: Pick<ComputeJob, 'model' | 'runId'>,
): Promise<WrittenEmbeddings | DamagedSegments> {
  // A file that two attempts computed is in two segments, with equal numbers.
  await connection.run(
    `CREATE TABLE memory.main.chosen AS
     SELECT sha256, min(segment) AS segment FROM memory.main.known SEMI JOIN memory.main.stored USING (sha256)
     WHERE code IS NULL GROUP BY sha256`,
  );
  const damaged = await damagedSegments(connection);
  if (damaged.segments.length > 0) return damaged;
  const files = await queryNumber(connection, 'SELECT count(*) FROM memory.main.chosen');
  const stored = await queryNumber(connection, 'SELECT count(*) FROM memory.main.stored');
  const counts = { kind: 'written', files, failed: stored - files } as const;
  const fingerprint = await fingerprintOf(connection, model.version);
  if ((await publishedFingerprints(connection)).get('embedding') === fingerprint)
    return { isWritten: false, ...counts };
  const type = `FLOAT[${await publishedLength(connection)}]`;
  await connection.run(`CREATE TABLE memory.main.collected (sha256 VARCHAR, vector ${type})`);
  for (const segment of await chosenSegments(connection)) {
    const file = literal(segment);
    await connection.run(
      `INSERT INTO memory.main.collected
       SELECT sha256, projected::${type} FROM read_parquet(${file})
       SEMI JOIN (FROM memory.main.chosen WHERE segment = ${file}) c USING (sha256)`,
    );
  }
  await connection.run(
    `CREATE TABLE derived.main.embedding (sha256 VARCHAR NOT NULL, model VARCHAR NOT NULL,
       version VARCHAR NOT NULL, vector ${type} NOT NULL)`,
  );
  await connection.run(
    `INSERT INTO derived.main.embedding
     SELECT sha256, ${literal(model.settings.name)}, ${literal(model.version)}, vector
     FROM memory.main.collected ORDER BY sha256`,
  );
  await recordOrigin(connection, { runId, fingerprint });
  return { isWritten: true, ...counts };
}

function chosenSegments(connection: DuckDBConnection): Promise<readonly string[]> {
  return queryTexts(connection, 'SELECT DISTINCT segment FROM memory.main.chosen ORDER BY segment');
}

/**
 * Reads every number, as `verify --deep` does: what it reports must be gone after the next run of
 * the step, also where the table itself has not changed.
 */
async function damagedSegments(connection: DuckDBConnection): Promise<DamagedSegments> {
  const segments: string[] = [];
  let files = 0;
  for (const segment of await chosenSegments(connection)) {
    if (segment === SEGMENT_NAME) continue;
    const file = literal(segment);
    try {
      await connection.run(
        `SELECT sum(list_sum(embedding)), sum(list_sum(projected)) FROM read_parquet(${file})`,
      );
    } catch (error) {
      throwProblemOfMachine(error, segment);
      segments.push(segment);
      files += await queryNumber(
        connection,
        `SELECT count(*) FROM memory.main.chosen WHERE segment = ${file}`,
      );
    }
  }
  return { kind: 'damaged', segments, files };
}

/** How many numbers the projected embeddings have. */
async function publishedLength(connection: DuckDBConnection): Promise<number> {
  const answer = await connection.runAndReadAll(
    'SELECT segment FROM memory.main.chosen ORDER BY segment LIMIT 1',
  );
  const segment = answer.getRows()[0]?.[0];
  if (segment === undefined) return PUBLISHED_LENGTH;
  return queryNumber(
    connection,
    `SELECT len(projected) FROM read_parquet(${literal(String(segment))}) WHERE code IS NULL LIMIT 1`,
  );
}

/** The model and the files decide the table: equal pixels give equal numbers. */
async function fingerprintOf(connection: DuckDBConnection, version: string): Promise<string> {
  const answer = await connection.runAndReadAll(
    `SELECT ${unorderedHashSql('hash(sha256)')} FROM memory.main.chosen`,
  );
  return createHash('sha256')
    .update(JSON.stringify([TABLE_VERSION, version, answer.getRows()]))
    .digest('hex');
}
