/**
 * Arguments: the snapshot, the number of readers. Each reader repeatedly opens the file with
 * DuckDB, runs a query, and closes it.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { DuckDBInstance } from '@duckdb/node-api';

const [file, readers] = process.argv.slice(2);
let isStopped = false;
let queries = 0;
const failures = [];

async function read() {
  while (!isStopped) {
    try {
      const instance = await DuckDBInstance.create(file, {
        access_mode: 'READ_ONLY',
        threads: '1',
      });
      const connection = await instance.connect();
      // The applied rows of the ledgers and the facts must belong to the same commit.
      const reader = await connection.runAndReadAll(
        'SELECT (SELECT sum(row_count) FROM etl_commit) IS NOT DISTINCT FROM (SELECT nullif(count(*), 0) FROM fact_download)',
      );
      if (reader.getRowsJson()[0][0] !== true) failures.push('facts and commits disagree');
      connection.closeSync();
      instance.closeSync();
      queries += 1;
    } catch (error) {
      failures.push(String(error));
    }
    await delay(Math.random() * 400);
  }
}

process.once('message', () => {
  isStopped = true;
});
await Promise.all(Array.from({ length: Number(readers) }, read));
process.send({ queries, failures: failures.slice(0, 10) }, () => process.disconnect());
