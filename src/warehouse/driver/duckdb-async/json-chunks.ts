/** Rows as JSON, for a driver that has no appender. */
import type { Value } from '../database';

/** Rows that are handed over at once. **Units** rows. */
const ROWS_AT_ONCE = 2_000;

/** **Shape** JSON: a list of objects whose keys are the columns' numbers. Unpaired surrogates are no Unicode: replaced. */
export function* jsonChunks(rows: Iterable<readonly Value[]>): Generator<string> {
  let chunk: string[] = [];
  for (const row of rows) {
    chunk.push(
      JSON.stringify(Object.fromEntries(row.map((value, index) => [index, wellFormed(value)]))),
    );
    if (chunk.length < ROWS_AT_ONCE) continue;
    yield `[${chunk.join(',')}]`;
    chunk = [];
  }
  if (chunk.length > 0) yield `[${chunk.join(',')}]`;
}

function wellFormed(value: Value): Value {
  return typeof value === 'string' ? value.replace(UNPAIRED, '\ufffd') : value;
}

const UNPAIRED = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
