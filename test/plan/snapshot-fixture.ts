/** Writes a small snapshot with the tables and views that planning reads. */
import { createHash } from 'node:crypto';
import { DuckDBInstance, DuckDBTimestampValue, VARCHAR } from '@duckdb/node-api';

export interface SnapshotImage {
  readonly id: string;
  readonly url: string | null;
  readonly state?: 'pending' | 'failed' | 'stored' | 'removed';
  readonly retryable?: boolean;
  /** The URL from which the stored file was downloaded, if it differs from `url`. */
  readonly fileUrl?: string;
  /** The run that settled the image. */
  readonly settledBy?: string;
}

export function urlHash(url: string): string {
  return createHash('sha256').update(url).digest('hex').slice(0, 32);
}

/**
 * `image` is a view, as in snapshots published while a run downloads. Records are numbered from 1.
 */
export async function writeSnapshot(file: string, images: readonly SnapshotImage[]): Promise<void> {
  const instance = await DuckDBInstance.create(file);
  const connection = await instance.connect();
  await connection.run(
    `CREATE TABLE dim_image (source_image_id VARCHAR PRIMARY KEY, record BIGINT, thumb_url VARCHAR,
       thumb_url_hash VARCHAR, thumb_downloaded BOOLEAN, removed_at TIMESTAMP)`,
  );
  await connection.run(
    'CREATE TABLE facts (source_image_id VARCHAR, state VARCHAR, retryable BOOLEAN, file_hash VARCHAR)',
  );
  await connection.run(
    `CREATE VIEW image AS SELECT d.*, f.state, f.retryable AS last_error_retryable, f.file_hash AS thumb_file_url_hash,
       CASE WHEN f.file_hash IS NOT NULL THEN 'raw/' || source_image_id END AS thumb_path,
       CASE WHEN f.file_hash IS NOT NULL THEN 'sha-' || source_image_id END AS thumb_sha256,
       CASE WHEN f.file_hash IS NOT NULL THEN '"etag"' END AS thumb_etag, NULL::VARCHAR AS thumb_last_modified
     FROM dim_image d JOIN facts f USING (source_image_id)`,
  );
  await connection.run(
    `CREATE TABLE fact_download (run_id VARCHAR, source_image_id VARCHAR, outcome VARCHAR, url_hash VARCHAR,
       recorded_at TIMESTAMP, path VARCHAR, sha256 VARCHAR, bytes BIGINT, width INTEGER, height INTEGER,
       format VARCHAR, verdict VARCHAR, etag VARCHAR, last_modified VARCHAR)`,
  );
  const outcomes = await connection.createAppender('fact_download');
  const dim = await connection.createAppender('dim_image');
  const facts = await connection.createAppender('facts');
  for (const [index, { id, url, ...image }] of images.entries()) {
    const state = image.state ?? 'pending';
    dim.appendVarchar(id);
    dim.appendBigInt(BigInt(index + 1));
    dim.appendValue(url, VARCHAR);
    dim.appendValue(url === null ? null : urlHash(url), VARCHAR);
    dim.appendBoolean(state === 'stored');
    dim.appendNull();
    dim.endRow();
    facts.appendVarchar(id);
    facts.appendVarchar(url === null ? 'no_url' : state);
    facts.appendBoolean(image.retryable ?? false);
    const fileUrl = image.fileUrl ?? (state === 'stored' ? url : null);
    facts.appendValue(fileUrl === null ? null : urlHash(fileUrl), VARCHAR);
    facts.endRow();
    if (image.settledBy === undefined && fileUrl === null) continue;
    outcomes.appendVarchar(image.settledBy ?? 'earlier');
    outcomes.appendVarchar(id);
    outcomes.appendValue(fileUrl === null ? 'failed' : 'stored', VARCHAR);
    outcomes.appendValue(fileUrl === null ? null : urlHash(fileUrl), VARCHAR);
    // Later rows of the snapshot were stored later.
    outcomes.appendTimestamp(new DuckDBTimestampValue(BigInt(index)));
    for (const value of [`raw/${id}`, `sha-${id}`]) outcomes.appendVarchar(value);
    outcomes.appendBigInt(100n);
    outcomes.appendInteger(4);
    outcomes.appendInteger(3);
    for (const value of ['png', 'valid', '"etag"']) outcomes.appendVarchar(value);
    outcomes.appendNull();
    outcomes.endRow();
  }
  dim.closeSync();
  facts.closeSync();
  outcomes.closeSync();
  await connection.run(
    "UPDATE dim_image SET removed_at = '2026-01-01' WHERE source_image_id IN (SELECT source_image_id FROM facts WHERE state = 'removed')",
  );
  await connection.run('CHECKPOINT');
  connection.closeSync();
  instance.closeSync();
}
