/** How often a program is asked for its version, by real programs that count their calls. */
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { builtFile } from '../../src/files/process/built-file';

const run = promisify(execFile);

let folder: string;
let program: string;

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'artemis-versions-'));
  program = path.join(folder, 'temporal');
});

afterEach(() => {
  fs.rmSync(folder, { recursive: true, force: true });
});

describe('the version of a program', () => {
  it('is asked for by one process, and later ones recall it', async () => {
    writeProgram('temporal version 1');
    expect(await versionInNewProcess()).toBe('temporal version 1');
    expect(await versionInNewProcess()).toBe('temporal version 1');
    expect(calls()).toBe(1);
  });

  it('is asked for again when the file has been replaced', async () => {
    writeProgram('temporal version 1');
    await versionInNewProcess();
    fs.rmSync(program);
    writeProgram('temporal version 2');
    expect(await versionInNewProcess()).toBe('temporal version 2');
    expect(calls()).toBe(2);
  });

  it('is not recalled when another program of that name answers', async () => {
    writeProgram('a weather forecast');
    expect(await versionInNewProcess()).toBeNull();
    expect(await versionInNewProcess()).toBeNull();
    expect(calls()).toBe(2);
  });

  it.each([
    [
      'damaged',
      (file: string) => {
        fs.mkdirSync(path.dirname(file), { recursive: true });
        fs.writeFileSync(file, '{"');
      },
    ],
    [
      'a file where the folder belongs',
      (file: string) => {
        fs.writeFileSync(path.dirname(file), '');
      },
    ],
  ])('is found where the memory is %s', async (_what, spoil) => {
    spoil(path.join(cache(), 'versions.json'));
    writeProgram('temporal version 1');
    expect(await versionInNewProcess()).toBe('temporal version 1');
  });
});

function cache(): string {
  return path.join(folder, 'cache');
}

function writeProgram(answer: string): void {
  const log = path.join(folder, 'calls');
  fs.writeFileSync(program, `#!/bin/sh\necho called >> '${log}'\necho '${answer}'\n`, {
    mode: 0o755,
  });
}

function calls(): number {
  return fs.readFileSync(path.join(folder, 'calls'), 'utf8').trim().split('\n').length;
}

async function versionInNewProcess(): Promise<unknown> {
  const module = JSON.stringify(builtFile('server/embedded/program-version.js'));
  const script = `require(${module}).programVersion(${JSON.stringify(program)}, ${JSON.stringify(cache())}).then((version) => console.log(JSON.stringify(version)))`;
  const { stdout } = await run(process.execPath, ['-e', script]);
  return JSON.parse(stdout) as unknown;
}
