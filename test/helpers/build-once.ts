import { spawnSync } from 'node:child_process';
import path from 'node:path';

/** Compiles `src` before the first test, as the command line does it: tests that start processes start the built program. */
export default function buildOnce(): void {
  const run = spawnSync(
    process.execPath,
    [path.join(__dirname, '../../bin/artemis-pipeline.js'), '--version'],
    { encoding: 'utf8' },
  );
  if (run.status !== 0) throw new Error(`src does not compile:\n${run.stderr}`);
}
