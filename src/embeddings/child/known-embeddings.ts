/** What is stored, and what the segments of a model have of it. */
import type { DuckDBConnection } from '@duckdb/node-api';
import { PASSING_FEATURE_CODES } from '../../contract/features/feature';
import { StepError } from '../../contract/errors';
import { literal } from '../../duckdb/sql-text';
import { asStepError } from '../../processes/process-failure';

/** Copies are as good as each other, and a placeholder may have a hundred thousand. */
const MOST_PATHS = 20;

/** A file to compute. Paths are relative to the data root. */
export interface FileToEmbed {
  readonly sha256: string;
  readonly paths: readonly string[];
}

/**
 * Creates two tables in `memory.main`:
 *
 * - `stored`: a row for each sha256, with the paths of its files.
 * - `known`: a row for each row of a segment, with its path; `code` is null for an embedding.
 *
 * @returns segments that are damaged.
 * @throws StepError db_memory, disk_*.
 */
export async function loadKnown(
  connection: DuckDBConnection,
  segments: readonly string[],
): Promise<string[]> {
  await connection.run(
    `CREATE TABLE memory.main.stored AS
     SELECT thumb_sha256 AS sha256, list_sort(list(DISTINCT thumb_path))[1:${MOST_PATHS}] AS paths
     FROM snapshot.main.image
     WHERE state = 'stored' AND thumb_sha256 IS NOT NULL AND thumb_path IS NOT NULL
     GROUP BY thumb_sha256`,
  );
  await connection.run(
    'CREATE TABLE memory.main.known (sha256 VARCHAR, code VARCHAR, segment VARCHAR)',
  );
  const damaged: string[] = [];
  for (const segment of segments) {
    try {
      await connection.run(
        `INSERT INTO memory.main.known
         SELECT sha256, code, ${literal(segment)} FROM read_parquet(${literal(segment)})`,
      );
    } catch (error) {
      throwProblemOfMachine(error, segment);
      damaged.push(segment);
    }
  }
  return damaged;
}

/**
 * A full disk, or too little memory, says nothing about the segment.
 *
 * @throws StepError db_memory, disk_*; returns for other errors.
 */
export function throwProblemOfMachine(error: unknown, segment: string): void {
  const { code, message } = asStepError(error, 'db_corrupt');
  if (code !== 'db_corrupt')
    throw new StepError(code, `Reading ${segment}: ${message}`, { cause: error });
}

/**
 * The files after this sha256, in its order, that have neither an embedding nor a failure that
 * their bytes will always have.
 */
export async function filesToEmbed(
  connection: DuckDBConnection,
  after: string | null,
): Promise<readonly FileToEmbed[]> {
  const passing = PASSING_FEATURE_CODES.map(literal).join(', ');
  const answer = await connection.runAndReadAll(
    `SELECT sha256, to_json(paths)::VARCHAR FROM memory.main.stored ANTI JOIN (
       SELECT sha256 FROM memory.main.known WHERE code IS NULL OR code NOT IN (${passing})
     ) settled USING (sha256)
     WHERE sha256 > ${literal(after ?? '')} ORDER BY sha256`,
  );
  return answer.getRows().map(([sha256, paths]) => ({
    sha256: String(sha256),
    paths: JSON.parse(String(paths)) as string[],
  }));
}
