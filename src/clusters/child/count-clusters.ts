/** Counts the groups in the tables of the derived file, or of the snapshot. */
import type { DuckDBConnection } from '@duckdb/node-api';
import { queryNumber } from '../../processes/locked-database';
import type { ClusterCounts } from '../../contract/derived/cluster-counts';
import { MIN_QUALITY } from '../../contract/derived/nearness';

export async function countClusters(
  connection: DuckDBConnection,
  database: 'derived' | 'snapshot',
): Promise<ClusterCounts> {
  const clusters = (expression: string, condition: string): Promise<number> =>
    queryNumber(
      connection,
      `SELECT coalesce(${expression}, 0) FROM ${database}.main.cluster WHERE ${condition}`,
    );
  const files = (table: string, condition: string): Promise<number> =>
    queryNumber(connection, `SELECT count(*) FROM memory.main.${table} WHERE ${condition}`);
  const compared = await files('compared', 'true');
  return {
    exactGroups: await clusters('count(*)', "kind = 'exact'"),
    exactCopies: await clusters('sum(size - 1)', "kind = 'exact'"),
    nearGroups: await clusters('count(*)', "kind = 'near'"),
    nearDuplicates: await clusters('sum(files - 1)', "kind = 'near'"),
    visualGroups: await clusters('count(*)', "kind = 'visual' AND parent_id IS NOT NULL"),
    compared,
    tooPlain: await files('compared', `pdq_quality < ${MIN_QUALITY}`),
    notCompared: (await files('file', 'true')) - compared,
  };
}
