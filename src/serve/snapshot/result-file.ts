/** The results of queries, one after another, as one file of the temporary folder. */
import { createReadStream, createWriteStream } from 'node:fs';
import { open, rm, stat, type FileHandle } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import type { DuckDBConnection } from '@duckdb/node-api';
import { literal } from '../../duckdb/sql-text';
import { HttpProblem } from '../http-problem';

/** How the parts of a file are written and joined: the options of DuckDB's COPY. */
export interface ResultFormat {
  readonly first: string;
  readonly further: string;
  /** With which the parts are copied into one file; null where they can be appended. */
  readonly whole: string | null;
}

/** The largest file, in bytes. */
const MOST_BYTES = 4_000_000_000;

export interface ResultFileOptions {
  /** The queries of the parts, in order; at least one. All have the same columns. */
  readonly parts: Iterable<string>;
  readonly format: ResultFormat;
  /** The path of the file, in a folder that the database may write to. */
  readonly file: string;
  /** Aborted when the client has closed its connection. */
  readonly signal: AbortSignal;
}

/**
 * Writes the results and opens the file. It has no name any more then, so that it is gone when it
 * is closed, however the process ends.
 *
 * @throws HttpProblem 503 when the result is too large or not wanted any more; DuckDB's errors.
 */
export async function writeResult(
  connection: DuckDBConnection,
  { parts, format, file, signal }: ResultFileOptions,
): Promise<FileHandle> {
  const written: string[] = [];
  const copy = async (source: string, to: string, options: string): Promise<void> => {
    if (signal.aborted) throw new HttpProblem(503, 'The request was given up.');
    await connection.run(`COPY (${source}) TO ${literal(to)} (${options})`);
  };
  try {
    let byteCount = 0;
    for (const part of parts) {
      const to = `${file}-${written.length}`;
      written.push(to);
      await copy(part, to, written.length === 1 ? format.first : format.further);
      byteCount += (await stat(to)).size;
      if (byteCount > MOST_BYTES) throw new HttpProblem(503, TOO_LARGE);
      if (format.whole !== null) continue;
      await pipeline(createReadStream(to), createWriteStream(file, { flags: 'a' }));
      await rm(to);
    }
    const sources = written.map(literal).join(', ');
    if (format.whole !== null) await copy(`FROM read_parquet([${sources}])`, file, format.whole);
    return await open(file, 'r');
  } finally {
    for (const name of [...written, file]) await rm(name, { force: true });
  }
}

const TOO_LARGE =
  'The result has more than 4 GB. Filter it, or use the command "query" or any DuckDB over the snapshot.';
