/** The program as it was at an earlier commit. */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

const ROOT = path.join(__dirname, '../../..');

/** Whether this clone has the commit. A clone without history has it not. */
export function hasCommit(commit: string): boolean {
  return spawnSync('git', ['cat-file', '-e', `${commit}^{commit}`], { cwd: ROOT }).status === 0;
}

/**
 * Builds the program of a commit in `folder`, with the packages of this one.
 *
 * @returns the path of its command.
 */
export function buildCommit(commit: string, folder: string): string {
  fs.mkdirSync(folder, { recursive: true });
  run('sh', ['-c', 'git archive "$1" | tar -x -C "$2"', 'sh', commit, folder]);
  fs.symlinkSync(path.join(ROOT, 'node_modules'), path.join(folder, 'node_modules'));
  const command = path.join(folder, 'bin/artemis-pipeline.js');
  // The first start compiles it.
  run(process.execPath, [command, '--version']);
  return command;
}

function run(program: string, words: readonly string[]): void {
  const { status, stderr } = spawnSync(program, words, { cwd: ROOT, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ${words.join(' ')} failed:\n${stderr}`);
}
