/**
 * Migrates the warehouse of a data root, then writes to it, and kills itself (SIGKILL) at its
 * `point`-th point: after each statement, before and after each copy, link and rename, and after
 * each fsync and removal. Arguments: data root, point, "no-links" or "". If it is not killed,
 * prints what happened at each point, as JSON.
 */
const fs = require('node:fs');
const path = require('node:path');
const { DuckDBConnection } = require('@duckdb/node-api');
const { createLogger } = require('../../../dist/log.js');
const { readMigrations } = require('../../../dist/warehouse/schema/migrations.js');
const { SCHEMA } = require('../../../dist/warehouse/schema/warehouse-schema.js');
const { createWarehouse } = require('../../../dist/warehouse/warehouse.js');

const [, , dataRoot, point, links] = process.argv;
/** The same versions as in `later-schema.ts`. */
const later = readMigrations(path.join(__dirname, 'later')).map(({ version, statements }) => ({
  version: SCHEMA.migrations.length + version,
  statements,
}));
/** What happened at each point: the statement, or the name of the function. */
const passed = [];

function reach(what) {
  passed.push(what);
  if (passed.length === Number(point)) process.kill(process.pid, 'SIGKILL');
}

function watch(owner, name, { before }) {
  const original = owner[name];
  owner[name] = function (...args) {
    const what = name === 'run' ? String(args[0]).trim() : name;
    if (before) reach(what);
    const result = original.apply(this, args);
    if (typeof result?.then !== 'function') {
      reach(what);
      return result;
    }
    return result.then((value) => {
      reach(what);
      return value;
    });
  };
}

if (links === 'no-links')
  fs.linkSync = () => {
    throw Object.assign(new Error('EPERM: operation not permitted, link'), { code: 'EPERM' });
  };
// Queries also call `run`.
watch(DuckDBConnection.prototype, 'run', { before: false });
watch(fs.promises, 'copyFile', { before: true });
for (const name of ['linkSync', 'renameSync', 'copyFileSync']) watch(fs, name, { before: true });
for (const name of ['fsyncSync', 'rmSync']) watch(fs, name, { before: false });

const warehouse = createWarehouse({
  dataRoot,
  database: { driver: 'node-api', memory: '500MB', threads: 1 },
  log: createLogger({ level: 'silent', pretty: false }),
  schema: { ...SCHEMA, migrations: [...SCHEMA.migrations, ...later] },
});
void warehouse
  .recordRun({
    runId: 'r2',
    workflowId: 'w-r2',
    state: 'completed',
    code: null,
    detail: null,
    startedAt: '2026-02-01T00:00:00.000Z',
    endedAt: null,
    steps: [],
  })
  .then(() => process.stdout.write(JSON.stringify(passed)));
