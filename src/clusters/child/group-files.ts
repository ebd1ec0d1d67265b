/** Groups the compared files, outside DuckDB, and gives the groups back to it as two tables. */
import type { DuckDBConnection } from '@duckdb/node-api';
import { queryNumber } from '../../processes/locked-database';
import { nearGroups } from '../near-groups';
import { visualGroups } from '../visual-groups';
import { visualMembers } from '../visual-members';
import { readHashes, readLooks } from './read-features';

/**
 * Creates two tables in `memory.main`:
 *
 * - `near`: the rank of each file of a group of near duplicates and that of its representative.
 * - `visual`: for each file the numbers of its group and of its part of it, and its distance from
 *   the representative of the part.
 */
export async function groupFiles(connection: DuckDBConnection): Promise<void> {
  const count = await queryNumber(connection, 'SELECT count(*) FROM memory.main.compared');
  await groupNear(connection, count);
  await groupVisual(connection, count);
}

async function groupNear(connection: DuckDBConnection, count: number): Promise<void> {
  const { set, qualities } = await readHashes(connection, count);
  const { representatives } = nearGroups(set, qualities);
  const isShared = new Uint8Array(count);
  representatives.forEach((representative, rank) => {
    if (representative !== rank) isShared[representative] = 1;
  });
  await connection.run(
    'CREATE TABLE memory.main.near (near_rank UINTEGER, representative_rank UINTEGER)',
  );
  const appender = await connection.createAppender('near', 'main', 'memory');
  representatives.forEach((representative, rank) => {
    if (isShared[representative] === 0) return;
    appender.appendUInteger(rank);
    appender.appendUInteger(representative);
    appender.endRow();
  });
  appender.closeSync();
}

async function groupVisual(connection: DuckDBConnection, count: number): Promise<void> {
  const looks = await readLooks(connection, count);
  const { outer, inner } = visualGroups(looks);
  const parts = numberParts(outer, inner);
  const ofGroups = visualMembers(looks, Uint16Array.from(outer));
  const ofParts = visualMembers(looks, parts);
  await connection.run(
    `CREATE TABLE memory.main.visual (visual_rank UINTEGER, outer_group UINTEGER, inner_group UINTEGER,
       distance FLOAT, represents_group BOOLEAN, represents_part BOOLEAN)`,
  );
  const appender = await connection.createAppender('visual', 'main', 'memory');
  for (let rank = 0; rank < count; rank += 1) {
    const [group, part] = [outer[rank] ?? 0, parts[rank] ?? 0];
    appender.appendUInteger(rank);
    appender.appendUInteger(group);
    appender.appendUInteger(inner[rank] ?? 0);
    appender.appendFloat(ofParts.distances[rank] ?? 0);
    appender.appendBoolean(ofGroups.representatives[group] === rank);
    appender.appendBoolean(ofParts.representatives[part] === rank);
    appender.endRow();
  }
  appender.closeSync();
}

/** Numbers the parts of all groups from 0 on, without gaps. */
function numberParts(outer: Uint8Array, inner: Uint8Array): Uint16Array {
  const numbers = new Map<number, number>();
  return Uint16Array.from(outer, (group, rank) => {
    const part = group * 256 + (inner[rank] ?? 0);
    const number = numbers.get(part) ?? numbers.size;
    numbers.set(part, number);
    return number;
  });
}
