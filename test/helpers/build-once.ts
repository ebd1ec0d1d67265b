import { spawnSync } from 'node:child_process';
import path from 'node:path';

/** Compiles `src` before the first test: tests that start processes start the built program. Types are `npm run types`' business. */
export default function buildOnce(): void {
  const build = spawnSync(
    process.execPath,
    [require.resolve('typescript/bin/tsc'), '-p', 'tsconfig.build.json'],
    { cwd: path.join(__dirname, '..', '..'), encoding: 'utf8' },
  );
  if (build.status !== 0)
    process.stderr.write(`tsc complains (run npm run types):\n${build.stdout.slice(0, 2_000)}\n`);
}
