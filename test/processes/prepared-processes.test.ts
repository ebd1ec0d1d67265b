/** Child processes that are started before their work is known. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { PreparedProcesses } from '../../src/processes/prepared-processes';
import { parseCounts, type ParseJob } from '../../src/processes/process-messages';
import { runProcess } from '../../src/processes/run-process';
import { DataRootFixture, database } from '../catalog/data-root-fixture';
import { until } from '../helpers/until';

const SCRIPT = 'catalog/catalog-child.js';

let fixture: DataRootFixture;
let prepared: PreparedProcesses;
beforeEach(() => {
  fixture = new DataRootFixture();
  prepared = new PreparedProcesses();
  prepared.start([SCRIPT]);
});
afterEach(() => {
  prepared.close();
  fixture.remove();
});

/** Reads a catalog of two rows in a scratch folder of its own, and returns the number of images. */
async function parseTwoRows(name: string): Promise<number> {
  const scratch = fixture.path(name);
  mkdirSync(scratch);
  const file = fixture.path(fixture.write('two.csv', 'id,url\n1,http://host/1\n2,http://host/2\n'));
  const job: ParseJob = {
    name: 'two.csv',
    files: [{ file, name: 'two.csv' }],
    columns: { id: 'id', url: 'url' },
    format: 'csv',
    encoding: 'utf-8',
    delimiter: null,
    database: { memory: database.memory, threads: database.threads },
  };
  const counts = await runProcess({
    script: SCRIPT,
    scratch,
    job,
    result: parseCounts,
    crash: 'catalog_format',
    task: 'Reading two rows',
    prepared,
  });
  return counts.images;
}

function isAlive(pid: number): boolean {
  try {
    // A process that has ended and was not waited for yet is a zombie.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

test('a process that waits does the first piece of work, and a new one does the next', async () => {
  await expect(parseTwoRows('first')).resolves.toBe(2);
  expect(prepared.take(SCRIPT)).toBeNull();
  await expect(parseTwoRows('second')).resolves.toBe(2);
});

test('a process that was killed while it waited is replaced by a new one', async () => {
  const pids = childrenOf(process.pid).filter(isCatalogChild);
  expect(pids).toHaveLength(1);
  for (const pid of pids) process.kill(pid, 'SIGKILL');
  await until(() => !pids.some(isAlive), { within: 60, saying: 'its end' });
  await expect(parseTwoRows('after')).resolves.toBe(2);
});

test('processes that were not used end with the worker, even if it is killed', async () => {
  const module = path.join(__dirname, '../../dist/processes/prepared-processes.js');
  const program = `
    const { PreparedProcesses } = require(${JSON.stringify(module)});
    const prepared = new PreparedProcesses();
    prepared.start(['catalog/catalog-child.js', 'plan/plan-process.js']);
    process.on('SIGTERM', () => { prepared.close(); process.exit(0); });
    setInterval(() => undefined, 1_000);
    console.log('ready');`;
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    const worker = spawn(process.execPath, ['-e', program]);
    await once(worker.stdout, 'data');
    const children = childrenOf(worker.pid ?? 0);
    expect(children).toHaveLength(2);
    worker.kill(signal);
    await until(() => !children.some(isAlive), {
      within: 60,
      saying: `the end of the children after ${signal}`,
    });
  }
});

function childrenOf(pid: number): readonly number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return text === '' ? [] : text.split(' ').map(Number);
}

function isCatalogChild(pid: number): boolean {
  return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(SCRIPT);
}
