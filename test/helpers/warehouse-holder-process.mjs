/** Opens a DuckDB file (argument) as a shell or a notebook would, says so, and keeps it open until it is killed. */
import { setTimeout as delay } from 'node:timers/promises';
import { DuckDBInstance } from '@duckdb/node-api';

const [, , file, mode] = process.argv;

for (;;) {
  try {
    const instance = await DuckDBInstance.create(file, { access_mode: mode });
    // Held by this reference, for the life of the process.
    setInterval(() => instance, 1_000);
    break;
  } catch {
    // A commit is under way.
    await delay(10);
  }
}
process.on('disconnect', () => process.exit());
process.send('open');
