/** A segment: the embeddings of the files of one stretch, as a Parquet file. */
import { FLOAT, LIST, listValue, type DuckDBConnection } from '@duckdb/node-api';
import { literal } from '../../duckdb/sql-text';
import type { EmbeddingCode } from '../../contract/embeddings/embedding';
import { SEGMENT_NAME } from '../embedding-job';

/** What became of one file. */
export type SegmentRow =
  | {
      readonly sha256: string;
      /** As the model made it, and projected. */
      readonly embedding: Float32Array;
      readonly projected: Float32Array;
    }
  | { readonly sha256: string; readonly code: EmbeddingCode; readonly detail: string };

/**
 * Writes the segment into the working folder, and adds its rows to the table `known`.
 *
 * @see docs/reference/files.md, "Segments of embeddings".
 */
export async function writeSegment(
  connection: DuckDBConnection,
  rows: readonly SegmentRow[],
): Promise<void> {
  await connection.run(
    `CREATE TABLE memory.main.segment (sha256 VARCHAR, code VARCHAR, detail VARCHAR,
       embedding FLOAT[], projected FLOAT[])`,
  );
  const appender = await connection.createAppender('segment', 'main', 'memory');
  for (const row of rows) {
    appender.appendVarchar(row.sha256);
    if ('code' in row) {
      appender.appendVarchar(row.code);
      appender.appendVarchar(row.detail);
      appender.appendNull();
      appender.appendNull();
    } else {
      appender.appendNull();
      appender.appendNull();
      appender.appendList(listValue([...row.embedding]), LIST(FLOAT));
      appender.appendList(listValue([...row.projected]), LIST(FLOAT));
    }
    appender.endRow();
  }
  appender.closeSync();
  await connection.run(
    `COPY memory.main.segment TO ${literal(SEGMENT_NAME)} (FORMAT parquet, COMPRESSION zstd)`,
  );
  await connection.run(
    `INSERT INTO memory.main.known SELECT sha256, code, ${literal(SEGMENT_NAME)} FROM memory.main.segment`,
  );
}
