import { execFileSync } from 'node:child_process';
import path from 'node:path';

/** Compiles `src` before the first test: tests that start processes start the built program. */
export default function buildOnce(): void {
  execFileSync(
    process.execPath,
    [require.resolve('typescript/bin/tsc'), '-p', 'tsconfig.build.json'],
    {
      cwd: path.join(__dirname, '..', '..'),
      stdio: 'inherit',
    },
  );
}
