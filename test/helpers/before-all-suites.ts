import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { FOLDER_VARIABLE } from './shared-server';

/**
 * Compiles `src` before the first test, as the command line does it: tests that start processes start the built program. Says
 * where the Temporal server of all suites is, once one of them has started it.
 */
export default function beforeAllSuites(): void {
  const run = spawnSync(
    process.execPath,
    [path.join(__dirname, '../../bin/artemis-pipeline.js'), '--version'],
    { encoding: 'utf8' },
  );
  if (run.status !== 0) throw new Error(`src does not compile:\n${run.stderr}`);
  process.env[FOLDER_VARIABLE] = fs.mkdtempSync(path.join(os.tmpdir(), 'artemis-test-server-'));
}
