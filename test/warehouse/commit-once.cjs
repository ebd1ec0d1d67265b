/**
 * Commits the ledgers of a data root (argument) once, and prints the result: {applied} or {code,
 * message}.
 */
const { createLogger } = require('../../dist/log.js');
const { createWarehouse } = require('../../dist/warehouse/warehouse.js');

const [, , dataRoot] = process.argv;
const database = { driver: 'node-api', memory: '500MB', threads: 2 };
const log = createLogger({ level: 'silent', pretty: false });

void createWarehouse({ dataRoot, database, log })
  .commitLedgers({ warehouseId: 'w', runId: null })
  .then(
    ({ applied }) => process.stdout.write(JSON.stringify({ applied })),
    ({ code, message }) => process.stdout.write(JSON.stringify({ code, message })),
  );
