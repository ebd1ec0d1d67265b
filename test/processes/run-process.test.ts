import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseCatalog } from '../../src/catalog/parse-catalog';
import { parseCounts, type ParseJob } from '../../src/processes/process-messages';
import { runProcess } from '../../src/processes/run-process';
import {
  DataRootFixture,
  database,
  resolvedInput,
  stepErrorOf,
} from '../catalog/data-root-fixture';

let fixture: DataRootFixture;
beforeEach(() => {
  fixture = new DataRootFixture();
});
afterEach(() => {
  fixture.remove();
});

function ourChildren(): readonly string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => workingFolder(pid).startsWith(fixture.root));
}

function workingFolder(pid: string): string {
  try {
    // A process may end while it is examined.
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return '';
  }
}

test('an abort kills the child, cleans up and throws the reason', async () => {
  const rows = Array.from({ length: 400_000 }, (_, n) => `${n},http://host/${n}`);
  const catalog = fixture.write('big.csv', `id,url\n${rows.join('\n')}\n`);
  const abort = new AbortController();
  const parsing = parseCatalog({
    dataRoot: fixture.root,
    runId: 'r',
    input: resolvedInput(catalog),
    database,
    signal: abort.signal,
  });
  const reason = new Error('the user cancelled');
  while (ourChildren().length === 0) await sleep(5);
  abort.abort(reason);

  await expect(parsing).rejects.toBe(reason);
  expect(ourChildren()).toEqual([]);
  expect(readdirSync(fixture.path('tmp'))).toEqual([]);
});

test('the death of a child is reported as catalog_format, with its cause', async () => {
  const scratch = fixture.path('scratch');
  mkdirSync(scratch);
  // No process writes to it, so the child is still working when it is killed.
  const pipe = fixture.path('pipe');
  execFileSync('mkfifo', [pipe]);
  const job: ParseJob = {
    name: 'pipe',
    files: [{ file: pipe, name: 'pipe' }],
    columns: { id: 'id', url: 'url' },
    format: 'json',
    encoding: 'utf-8',
    delimiter: null,
    database: { memory: '200MB', threads: 1 },
  };
  const running = runProcess({
    script: 'catalog/catalog-child.js',
    scratch,
    job,
    result: parseCounts,
    crash: 'catalog_format',
    task: 'Reading a pipe',
  });
  while (ourChildren().length === 0) await sleep(5);
  for (const pid of ourChildren()) process.kill(Number(pid), 'SIGSEGV');

  const error = await stepErrorOf(running);
  expect(error.code).toBe('catalog_format');
  expect(error.message).toMatch(/died \(SIGSEGV\)/);
});
