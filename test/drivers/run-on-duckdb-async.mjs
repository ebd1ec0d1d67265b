/**
 * Runs the warehouse's tests on the second driver (`npm run test:duckdb-async`). Arguments after
 * `--` are passed to jest.
 */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const here = path.dirname(fileURLToPath(import.meta.url));
const folder = path.join(here, 'duckdb-async');

/** The prebuilt package exists for linux-x64 only. Elsewhere `duckdb` compiles for an hour. */
const isPossible = process.platform === 'linux' && process.arch === 'x64';

function run(command, args, options) {
  const { status, error } = spawnSync(command, args, { stdio: 'inherit', ...options });
  if (error !== undefined) throw error;
  if (status !== 0) process.exit(status ?? 1);
}

if (isPossible) {
  run('npm', ['ci', '--no-audit'], { cwd: folder });
  run(
    process.execPath,
    [
      path.join(here, '../../node_modules/jest/bin/jest.js'),
      '--testMatch',
      '**/warehouse/{merge/merge-catalog,commit/commit-ledgers,commit/fold}.test.ts',
      '**/warehouse/snapshot/publish-snapshot.test.ts',
      '**/warehouse/driver/{duckdb-errors,newer-files}.test.ts',
      '**/warehouse/schema/{migrate-warehouse,added-columns,same-schema}.test.ts',
      '**/drivers/*.both.ts',
      ...process.argv.slice(2),
    ],
    {
      cwd: path.join(here, '../..'),
      env: {
        ...process.env,
        // A history takes about a second, and `npm test` draws forty. Here only the driver is
        // tested.
        FOLD_RUNS: process.env.FOLD_RUNS ?? '8',
        ARTEMIS_DB_DRIVER: 'duckdb-async',
        NODE_PATH: path.join(folder, 'node_modules'),
      },
    },
  );
} else {
  console.log(
    `skipped: there is no prebuilt package of the second driver for ${process.platform}-${process.arch}`,
  );
}
