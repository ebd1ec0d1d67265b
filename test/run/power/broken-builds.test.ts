/**
 * The patches that power-loss.long.ts needs still apply to the source. That test runs rarely, and a
 * change of the code next to a flush would stop it unnoticed.
 */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

const ROOT = path.join(__dirname, '../../..');
const PATCHES = path.join(__dirname, 'broken-builds');

it.each(fs.readdirSync(PATCHES))('%s applies', (name) => {
  const apply = (): Buffer =>
    execFileSync('git', ['apply', '--check', path.join(PATCHES, name)], {
      cwd: ROOT,
      stdio: 'pipe',
    });
  expect(apply).not.toThrow();
});
