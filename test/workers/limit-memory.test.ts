/** The options of V8 with which the command line runs workers. */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { packageFile } from '../../src/files/process/built-file';

const OPTION = '--max-semi-space-size';

let folder: string;
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'artemis-memory-'));
});
afterEach(() => {
  fs.rmSync(folder, { recursive: true });
});

interface Started {
  readonly pid: number;
  readonly options: readonly string[];
}

/** The processes of a command, in the order in which they started. */
function processesOf(words: readonly string[], nodeOptions = ''): readonly Started[] {
  const notes = path.join(folder, 'processes');
  const note = path.join(folder, 'note.cjs');
  fs.writeFileSync(
    note,
    `const line = JSON.stringify({ pid: process.pid, options: process.execArgv });
     require('node:fs').appendFileSync(${JSON.stringify(notes)}, line + '\\n');`,
  );
  const command = ['--require', note, packageFile('bin/artemis-pipeline.js'), ...words];
  const { status, stdout, stderr } = spawnSync(process.execPath, command, {
    env: { ...process.env, NODE_OPTIONS: nodeOptions },
    encoding: 'utf8',
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toContain(`Usage: artemis-pipeline ${words[0]}`);
  const lines = fs.readFileSync(notes, 'utf8').trim().split('\n');
  return lines.map((line) => JSON.parse(line) as Started);
}

const canReplaceProcess = 'execve' in process && process.platform !== 'win32';

(canReplaceProcess ? it : it.skip).each(['worker', 'up'])(
  '%s limits the young generation, in the same process',
  (command) => {
    const [first, second, ...more] = processesOf([command, '--help']);
    expect(more).toEqual([]);
    expect(first?.options.join(' ')).not.toContain(OPTION);
    expect(second?.options).toContain(`${OPTION}=16`);
    expect(second?.pid).toBe(first?.pid);
  },
);

it('a size that the user gives in NODE_OPTIONS is kept', () => {
  expect(processesOf(['worker', '--help'], `${OPTION}=20`)).toHaveLength(1);
});

it('a command without workers is not started twice', () => {
  expect(processesOf(['status', '--help'])).toHaveLength(1);
});
