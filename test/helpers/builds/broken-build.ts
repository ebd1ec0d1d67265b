/**
 * Builds of this program that lack one protection, so that a test can show that it would notice.
 */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const ROOT = path.join(__dirname, '../../..');

/** The patches in test/run/power/broken-builds. */
export type BrokenBuild = 'no-file-flush' | 'no-folder-flush' | 'no-flush-of-taken-name';

/** A build in a folder of its own. */
export interface Build {
  /** The path of its command. */
  readonly program: string;
  /** The folder of the compiled program. */
  readonly dist: string;
  readonly remove: () => void;
}

/** Builds a copy of `src` to which the patch was applied. */
export function brokenBuild(name: BrokenBuild): Build {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), `artemis-${name}-`));
  for (const part of [
    'src',
    'bin',
    'catalogs',
    'package.json',
    'tsconfig.json',
    'tsconfig.build.json',
  ])
    fs.cpSync(path.join(ROOT, part), path.join(folder, part), { recursive: true });
  fs.symlinkSync(path.join(ROOT, 'node_modules'), path.join(folder, 'node_modules'));
  const patch = path.join(ROOT, 'test/run/power/broken-builds', `${name}.patch`);
  execFileSync('patch', ['-p1', '-s', '-d', folder, '-i', patch]);
  execFileSync(process.execPath, [path.join(folder, 'bin/build.js')], { stdio: 'ignore' });
  return {
    program: path.join(folder, 'bin/artemis-pipeline.js'),
    dist: path.join(folder, 'dist'),
    remove: () => {
      fs.rmSync(folder, { recursive: true, force: true });
    },
  };
}
