/** A data root and its warehouse, by the built program. */
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';

const require = createRequire(import.meta.url);
const { loadConfig } = require('../../dist/config.js');
const { createLogger } = require('../../dist/log.js');
const { createWarehouse } = require('../../dist/warehouse/warehouse.js');

/** Makes an empty data root below TMPDIR, which the caller removes. */
export function makeRoot() {
  return fs.mkdtempSync(path.join(os.tmpdir(), 'artemis-bench-'));
}

/** The settings of the environment for a data root. */
export function settingsOf(root) {
  return loadConfig({ ...process.env, ARTEMIS_DATA: root });
}

/** Opens the warehouse of a data root, as a worker does that has just started. */
export function openWarehouse(root) {
  const { database } = settingsOf(root);
  const log = createLogger({ level: 'warn', pretty: false });
  return createWarehouse({ dataRoot: root, database, log });
}
