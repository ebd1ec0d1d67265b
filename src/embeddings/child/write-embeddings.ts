/** Writes the table `embedding` to the derived file. */
import { createHash } from 'node:crypto';
import type { DuckDBConnection } from '@duckdb/node-api';
import { PUBLISHED_LENGTH } from '../../contract/embeddings/embedding';
import { publishedFingerprints, recordOrigin } from '../../processes/attached-files';
import { literal } from '../../duckdb/sql-text';
import { queryNumber, queryTexts } from '../../processes/locked-database';
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
  /** Segments of which every number was read. */
  readonly read: readonly string[];
}

/** Segments whose numbers cannot be read, and how many files are to be computed again for them. */
export interface DamagedSegments extends Pick<WrittenEmbeddings, 'files' | 'read'> {
  readonly kind: 'damaged';
  readonly segments: readonly string[];
}

/** One pass over segments. */
interface Pass {
  readonly read: readonly string[];
  readonly damaged: readonly string[];
}

/**
 * Reads every number of the segments that are not known to be intact, as `verify --deep` does: what
 * it reports must be gone after the next run of the step, also where the table itself has not
 * changed. Writes nothing where a segment is damaged.
 *
 * @throws StepError db_memory, disk_*; DuckDB's errors.
 */
export async function writeEmbeddings(
  connection: DuckDBConnection,
  { model, runId, intact }: Pick<ComputeJob, 'model' | 'runId' | 'intact'>,
): Promise<WrittenEmbeddings | DamagedSegments> {
  // A file that two attempts computed is in two segments, with equal numbers.
  await connection.run(
    `CREATE TABLE memory.main.chosen AS
     SELECT sha256, min(segment) AS segment FROM memory.main.known SEMI JOIN memory.main.stored USING (sha256)
     WHERE code IS NULL GROUP BY sha256`,
  );
  const chosen = await queryTexts(
    connection,
    'SELECT DISTINCT segment FROM memory.main.chosen ORDER BY segment',
  );
  const settled = new Set([...intact, SEGMENT_NAME]);
  const { read, damaged } = await passOver(
    connection,
    chosen.filter((segment) => !settled.has(segment)),
    (file) =>
      `SELECT sum(list_sum(embedding)), sum(list_sum(projected)) FROM read_parquet(${file})`,
  );
  if (damaged.length > 0) return damagedSegments(connection, { read, damaged });
  const files = await queryNumber(connection, 'SELECT count(*) FROM memory.main.chosen');
  const stored = await queryNumber(connection, 'SELECT count(*) FROM memory.main.stored');
  const counts = { kind: 'written', files, failed: stored - files, read } as const;
  const fingerprint = await fingerprintOf(connection, model.version);
  if ((await publishedFingerprints(connection)).get('embedding') === fingerprint)
    return { isWritten: false, ...counts };
  await connection.run('CREATE TABLE memory.main.collected (sha256 VARCHAR, vector FLOAT[])');
  const collected = await passOver(
    connection,
    chosen,
    (file) =>
      `INSERT INTO memory.main.collected SELECT sha256, projected FROM read_parquet(${file})
       SEMI JOIN (FROM memory.main.chosen WHERE segment = ${file}) c USING (sha256)`,
  );
  // One that was marked as intact, and has been damaged without a change of its stamp.
  if (collected.damaged.length > 0)
    return damagedSegments(connection, { read, damaged: collected.damaged });
  await writeTable(connection, model);
  await recordOrigin(connection, { runId, fingerprint });
  return { isWritten: true, ...counts };
}

/** @throws StepError db_memory, disk_*. */
async function passOver(
  connection: DuckDBConnection,
  segments: readonly string[],
  query: (file: string) => string,
): Promise<Pass> {
  const read: string[] = [];
  const damaged: string[] = [];
  for (const segment of segments) {
    try {
      await connection.run(query(literal(segment)));
      read.push(segment);
    } catch (error) {
      throwProblemOfMachine(error, segment);
      damaged.push(segment);
    }
  }
  return { read, damaged };
}

async function damagedSegments(
  connection: DuckDBConnection,
  { read, damaged }: Pass,
): Promise<DamagedSegments> {
  const files = await queryNumber(
    connection,
    `SELECT count(*) FROM memory.main.chosen WHERE segment IN (${damaged.map(literal).join(', ')})`,
  );
  return { kind: 'damaged', segments: damaged, files, read };
}

/** Writes what was collected. An empty table has as many numbers as are published at most. */
async function writeTable(
  connection: DuckDBConnection,
  { settings, version }: ComputeJob['model'],
): Promise<void> {
  const length = await queryNumber(
    connection,
    `SELECT coalesce(max(len(vector)), ${PUBLISHED_LENGTH}) FROM memory.main.collected`,
  );
  const type = `FLOAT[${length}]`;
  await connection.run(
    `CREATE TABLE derived.main.embedding (sha256 VARCHAR NOT NULL, model VARCHAR NOT NULL,
       version VARCHAR NOT NULL, vector ${type} NOT NULL)`,
  );
  await connection.run(
    `INSERT INTO derived.main.embedding
     SELECT sha256, ${literal(settings.name)}, ${literal(version)}, vector::${type}
     FROM memory.main.collected ORDER BY sha256`,
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
