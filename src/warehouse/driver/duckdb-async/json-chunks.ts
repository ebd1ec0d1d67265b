/** Converts rows to JSON, for a driver that has no appender. */
import type { Value } from '../database';

/** Number of rows per chunk. */
const ROWS_PER_CHUNK = 2_000;

/**
 * Yields JSON lists of objects whose keys are the numbers of the columns. Unpaired surrogates are
 * not valid Unicode and are replaced.
 */
export function* jsonChunks(rows: Iterable<readonly Value[]>): Generator<string> {
  let chunk: string[] = [];
  for (const row of rows) {
    chunk.push(
      JSON.stringify(Object.fromEntries(row.map((value, index) => [index, wellFormed(value)]))),
    );
    if (chunk.length < ROWS_PER_CHUNK) continue;
    yield `[${chunk.join(',')}]`;
    chunk = [];
  }
  if (chunk.length > 0) yield `[${chunk.join(',')}]`;
}

function wellFormed(value: Value): Value {
  return typeof value === 'string' ? value.replace(UNPAIRED, '\ufffd') : value;
}

const UNPAIRED = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
