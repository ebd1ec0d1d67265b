/**
 * The argument is the snapshot. The process knows nothing of the product except the file's name and
 * one of its views.
 */
import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { DuckDBInstance } from '@duckdb/node-api';

const [file] = process.argv.slice(2);
let isStopped = false;
let queries = 0;
const failures = [];
process.on('message', () => {
  isStopped = true;
});

while (!isStopped) {
  await delay(20);
  if (!existsSync(file)) continue;
  try {
    const instance = await DuckDBInstance.create(file, { access_mode: 'READ_ONLY' });
    const connection = await instance.connect();
    await connection.runAndReadAll('SELECT state, count(*) FROM image GROUP BY ALL');
    connection.closeSync();
    instance.closeSync();
    queries += 1;
  } catch (error) {
    failures.push(String(error));
  }
}
process.send({ queries, failures }, () => process.disconnect());
