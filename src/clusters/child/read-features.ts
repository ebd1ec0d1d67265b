/** Reads hashes and looks from the table `compared` into typed arrays. */
import { DuckDBBlobValue, type DuckDBConnection } from '@duckdb/node-api';
import { LOOK_LENGTH } from '../../contract/features/feature';
import { createHashSet, type HashSet } from '../hash-set';

const LOW_WORD = 4_294_967_295;

/** The words of a column, lowest bits first. */
function words(column: string): string {
  return `(${column} & ${LOW_WORD})::UINTEGER, ((${column} >> 32) & ${LOW_WORD})::UINTEGER`;
}

export interface ReadHashes {
  readonly set: HashSet;
  readonly qualities: Uint8Array;
}

/** The hashes of the compared files, in the order in which these become representatives. */
export async function readHashes(connection: DuckDBConnection, count: number): Promise<ReadHashes> {
  const set = createHashSet(count);
  const qualities = new Uint8Array(count);
  const columns = ['phash', 'pdq_0', 'pdq_1', 'pdq_2', 'pdq_3'].map(words).join(', ');
  const result = await connection.stream(
    `SELECT ${columns}, pdq_quality FROM memory.main.compared ORDER BY near_rank`,
  );
  let place = 0;
  for await (const rows of result.yieldRows()) {
    for (const [low, high, ...rest] of rows as number[][]) {
      set.low[place] = low ?? 0;
      set.high[place] = high ?? 0;
      for (let word = 0; word < 8; word += 1) set.pdq[8 * place + word] = rest[word] ?? 0;
      qualities[place] = rest[8] ?? 0;
      place += 1;
    }
  }
  return { set, qualities };
}

/** The looks of the compared files, in the order of their sha256. */
export async function readLooks(connection: DuckDBConnection, count: number): Promise<Int8Array> {
  const looks = new Int8Array(count * LOOK_LENGTH);
  const result = await connection.stream(
    'SELECT look FROM memory.main.compared ORDER BY visual_rank',
  );
  let place = 0;
  for await (const rows of result.yieldRows()) {
    for (const [look] of rows) {
      if (look instanceof DuckDBBlobValue) looks.set(look.bytes, place * LOOK_LENGTH);
      place += 1;
    }
  }
  return looks;
}
