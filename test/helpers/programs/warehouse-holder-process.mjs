/**
 * Opens a DuckDB file (the argument) as a shell or a notebook would, reports that, and keeps it
 * open until it is killed.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { DuckDBInstance } from '@duckdb/node-api';

const [, , file, mode] = process.argv;

for (;;) {
  try {
    const instance = await DuckDBInstance.create(file, { access_mode: mode });
    // This reference keeps the instance open as long as the process lives.
    setInterval(() => instance, 1_000);
    break;
  } catch {
    // A commit is in progress.
    await delay(10);
  }
}
process.on('disconnect', () => process.exit());
process.send('open');
