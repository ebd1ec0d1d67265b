/** Writes a small snapshot with the tables and views that planning reads. */
import { createHash } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { DuckDBInstance } from '@duckdb/node-api';

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

const TABLES = `
  CREATE TABLE dim_image (source_image_id VARCHAR PRIMARY KEY, record BIGINT, thumb_url VARCHAR,
    thumb_url_hash VARCHAR, thumb_downloaded BOOLEAN, removed_at TIMESTAMP);
  CREATE TABLE facts (source_image_id VARCHAR, state VARCHAR, retryable BOOLEAN, file_hash VARCHAR);
  CREATE VIEW image AS SELECT d.*, f.state, f.retryable AS last_error_retryable, f.file_hash AS thumb_file_url_hash,
    CASE WHEN f.file_hash IS NOT NULL THEN 'raw/' || source_image_id END AS thumb_path,
    CASE WHEN f.file_hash IS NOT NULL THEN 'sha-' || source_image_id END AS thumb_sha256,
    CASE WHEN f.file_hash IS NOT NULL THEN '"etag"' END AS thumb_etag, NULL::VARCHAR AS thumb_last_modified
  FROM dim_image d JOIN facts f USING (source_image_id);
  CREATE TABLE fact_download (run_id VARCHAR, source_image_id VARCHAR, outcome VARCHAR, url_hash VARCHAR,
    recorded_at TIMESTAMP, path VARCHAR, sha256 VARCHAR, bytes BIGINT, width INTEGER, height INTEGER,
    format VARCHAR, verdict VARCHAR, etag VARCHAR, last_modified VARCHAR)`;

/** @returns the statement that reads the images from a file with one JSON object per line. */
const readImages = (ndjson: string): string => `
  CREATE TEMP TABLE given AS
  SELECT id, record, url, coalesce(state, 'pending') AS state, coalesce(retryable, false) AS retryable,
    left(sha256(url), 32) AS url_hash, settledBy AS settled_by,
    left(sha256(coalesce(fileUrl, CASE WHEN state = 'stored' THEN url END)), 32) AS file_hash
  FROM read_json('${ndjson}', format = 'newline_delimited', columns = {id: 'VARCHAR', record: 'BIGINT',
    url: 'VARCHAR', state: 'VARCHAR', retryable: 'BOOLEAN', fileUrl: 'VARCHAR', settledBy: 'VARCHAR'})`;

/** Rows are in the order of their records. Later rows of the snapshot were stored later. */
const ROWS = `
  INSERT INTO dim_image
  SELECT id, record, url, url_hash, state = 'stored',
    CASE WHEN state = 'removed' THEN TIMESTAMP '2026-01-01' END
  FROM given ORDER BY record;
  INSERT INTO facts
  SELECT id, CASE WHEN url IS NULL THEN 'no_url' ELSE state END, retryable, file_hash
  FROM given ORDER BY record;
  INSERT INTO fact_download
  SELECT coalesce(settled_by, 'earlier'), id, CASE WHEN file_hash IS NULL THEN 'failed' ELSE 'stored' END,
    file_hash, make_timestamp(record - 1), 'raw/' || id, 'sha-' || id, 100, 4, 3, 'png', 'valid', '"etag"', NULL
  FROM given WHERE settled_by IS NOT NULL OR file_hash IS NOT NULL ORDER BY record`;

/**
 * `image` is a view, as in snapshots published while a run downloads. Records are numbered from 1.
 * DuckDB reads all images from one file, because an appender takes several seconds for 100,000.
 */
export async function writeSnapshot(file: string, images: readonly SnapshotImage[]): Promise<void> {
  const ndjson = `${file}.images.ndjson`;
  const lines = images.map((image, index) => JSON.stringify({ ...image, record: index + 1 }));
  writeFileSync(ndjson, lines.join('\n'));
  const instance = await DuckDBInstance.create(file);
  const connection = await instance.connect();
  for (const sql of [TABLES, readImages(ndjson), ROWS, 'CHECKPOINT']) await connection.run(sql);
  connection.closeSync();
  instance.closeSync();
  rmSync(ndjson);
}
