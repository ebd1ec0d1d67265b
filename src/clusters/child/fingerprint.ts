/** The fingerprint of what groups are made of. Equal fingerprints mean equal groups. */
import { createHash } from 'node:crypto';
import type { DuckDBConnection } from '@duckdb/node-api';
import { unorderedHashSql } from '../../processes/unordered-hash';
import { COMPARED_COLUMNS } from './select-files';

/**
 * Raise it when the same files and features give other groups, or the tables get other columns, so
 * that every data root gets them.
 */
const CLUSTERS_VERSION = 2;

/** @returns 64 hexadecimal digits, which do not depend on the order of rows. */
export async function fingerprintOf(connection: DuckDBConnection): Promise<string> {
  const answer = await connection.runAndReadAll(
    `SELECT ${unorderedHashSql('hash(t)')} FROM memory.main.stored t
     UNION ALL
     SELECT ${unorderedHashSql('hash(t)')}
     FROM (SELECT ${COMPARED_COLUMNS.join(', ')} FROM memory.main.compared) t`,
  );
  const digest = createHash('sha256').update(JSON.stringify([CLUSTERS_VERSION, answer.getRows()]));
  return digest.digest('hex');
}
