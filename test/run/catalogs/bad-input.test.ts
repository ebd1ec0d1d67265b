/**
 * Mistakes of users. Each leads to one clear message, the documented exit code, and no stack trace.
 */
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import type { RunEntry } from '../../../src/contract/run-record';
import { Pipeline, type Command, type Finished } from '../../helpers/runs/pipeline';

let pipeline: Pipeline;
let catalog: string;
beforeAll(async () => {
  pipeline = await Pipeline.create({ ARTEMIS_QUEUE_PREFIX: 'artemis-bad' });
  catalog = path.join('data', await pipeline.writeCatalog(3));
});
afterAll(() => pipeline.dispose());

function update(workflowId: string, name: string, input: object): readonly string[] {
  return [
    ...['temporal', 'workflow', 'update', 'execute', '--workflow-id', workflowId],
    ...['--name', name, '--input', JSON.stringify(input)],
  ];
}

function expectClear(finished: Finished, code: number, ...words: readonly string[]): void {
  expect(finished.code).toBe(code);
  for (const word of words) expect(finished.stderr).toContain(word);
  expect(finished.stderr).not.toMatch(/\n\s+at .*:\d+:\d+/);
  expect(finished.stdout).toBe('');
}

describe('a command that is refused before anything starts', () => {
  it.each([
    ['a catalog that is not there', ['run', 'nowhere.csv'], ['nowhere.csv', 'current folder']],
    ['a folder as a catalog', ['run', 'data'], ['is not a file']],
    ['an unknown step', ['run', 'CATALOG', '--steps', 'ingest,polish'], ['steps.1', '"polish"']],
    ['broken JSON', ['run', 'CATALOG', '--input', '{"limit": 3'], ['--input', 'JSON', 'example']],
    [
      'an unknown field',
      ['run', 'CATALOG', '--input', '{"limits":{"byte":3}}'],
      ['limits', 'byte'],
    ],
    ['a limit that is no number', ['run', 'CATALOG', '--limit', 'many'], ['limit', '"many"']],
    [
      'a column that the catalog does not have',
      ['run', 'CATALOG', '--url-column', 'ulr'],
      ['catalog_columns', 'no column "ulr" (the closest is "url")', 'artemis-pipeline inspect'],
    ],
    [
      'a catalog that is not of its format',
      ['run', 'CATALOG', '--format', 'parquet'],
      ['catalog_format', 'artemis-pipeline inspect'],
    ],
    ['a file of ids that is not there', ['run', 'CATALOG', '--only', 'no.txt'], ['no.txt']],
    ['a missing argument', ['run'], ['catalog', '--help']],
    ['an unknown command', ['fetch'], ['fetch', '--help']],
    ['an unknown queue', ['worker', '--queues', 'plan,planet'], ['planet', 'warehouse']],
  ])('exits with 2 for %s', async (_what, words, named) => {
    const given = words.map((word) => (word === 'CATALOG' ? catalog : word));
    expectClear(await pipeline.run(...given), 2, ...named);
    expect(fs.existsSync(path.join(pipeline.root, 'temporal'))).toBe(false);
    expect(fs.existsSync(path.join(pipeline.root, 'runs'))).toBe(false);
  });
});

describe('exit codes', () => {
  it.each([
    ['', ['SELECT 1']],
    [' that begins with a comment', ['-- one\nSELECT 1', '--format', 'json']],
    [' that begins with a comment without a blank', ['--format', 'csv', '--one\nSELECT 1']],
    [' that is a comment', ['-- SELECT 1']],
  ])('a query%s without a snapshot exits with 6', async (_what, words) => {
    expectClear(await pipeline.run('query', ...words), 6, 'no snapshot', 'run CATALOG');
  });

  it('a query with an unknown option exits with 2', async () => {
    expectClear(await pipeline.run('query', '--fromat', 'csv', 'SELECT 1'), 2, '--fromat');
  });

  it('status accepts an empty data root', async () => {
    const { code, stdout } = await pipeline.run('status');
    expect(code).toBe(0);
    expect(stdout).toContain('No runs yet');
  });

  it('a command without a reachable Temporal exits with 5', async () => {
    const elsewhere = await Pipeline.create({ TEMPORAL_ADDRESS: '127.0.0.1:1' });
    try {
      const local = path.join('data', await elsewhere.writeCatalog(3));
      expectClear(await elsewhere.run('run', local), 5, '127.0.0.1:1', 'TEMPORAL_ADDRESS');
      expectClear(await elsewhere.run('worker'), 5, '127.0.0.1:1', 'TEMPORAL_ADDRESS');
    } finally {
      await elsewhere.dispose();
    }
  });

  it('a command on a data root that cannot be written exits with 6', async () => {
    fs.writeFileSync(path.join(pipeline.folder, 'file'), '');
    const finished = await pipeline.run('up', '--data', path.join('file', 'below'));
    expectClear(finished, 6, 'file/below');
  });
});

describe('a run whose catalog is wrong', () => {
  let finished: Finished;
  let whenParked: RunEntry | undefined;
  let up: Command;
  beforeAll(async () => {
    const file = path.join(pipeline.folder, catalog);
    const good = fs.readFileSync(file, 'utf8');
    fs.writeFileSync(file, 'id,url\n');
    finished = await pipeline.run('run', catalog);
    [whenParked] = (await pipeline.status()).runs;
    expect((await pipeline.run('run', catalog, '--workflow-id', 'aborted')).code).toBe(7);
    fs.writeFileSync(file, good);
    up = await pipeline.up();
  });
  afterAll(async () => {
    up.kill('SIGINT');
    await up.finished;
  });

  it('parks without rows and exits with 7, and completes when the catalog is fixed and the step retried', async () => {
    expectClear(finished, 7, 'catalog_empty', 'retryStep', 'abortRun');
    expect(whenParked).toMatchObject({
      state: 'parked',
      step: { name: 'ingest', code: 'catalog_empty' },
    });
    await pipeline.expectFine(...update('tate_3', 'retryStep', { step: 'ingest' }));
    const { runId, stored } = await pipeline.whenRunOf(
      'tate_3',
      (run) => run.state === 'completed',
    );
    expect(stored).toBe(3);
    expect(pipeline.summary(runId).state).toBe('completed');
  });

  it('ends when it is aborted, and its reason is printed', async () => {
    await pipeline.expectFine(...update('aborted', 'abortRun', { reason: 'wrong file' }));
    const { runId, step } = await pipeline.whenRunOf('aborted', (run) => run.state === 'aborted');
    expect(step?.code).toBe('aborted');
    expect(step?.detail).toMatch(/^wrong file \(The step had failed: catalog_empty: /);
    expect(pipeline.summary(runId).state).toBe('aborted');
  });

  it('is not parked but fails at once when only another input can correct the mistake', async () => {
    const input = { catalog: 'catalogs/tate_3.csv', columns: { url: 'ulr' } };
    await pipeline.temporal(
      ...['workflow', 'start', '--type', 'runPipeline', '--workflow-id', 'typo'],
      ...['--task-queue', 'artemis-bad-pipeline', '--input', JSON.stringify(input)],
    );
    const ended = await pipeline.runTemporal('workflow', 'result', '--workflow-id', 'typo');
    expect(ended.code).not.toBe(0);
    expect(ended.stdout).toContain('no column "ulr" (the closest is "url")');
  });
});

describe('a port in use', () => {
  it('is left to its owner, and the server takes another one and reports it', async () => {
    const { server: owner, port } = await takeFirstFreePort(7_233);
    const third = await Pipeline.create();
    try {
      const up = await third.up();
      const address = /Temporal: 127\.0\.0\.1:(\d+)/.exec(up.stderr())?.[1];
      expect(Number(address)).toBeGreaterThanOrEqual(7_233);
      expect(Number(address)).not.toBe(port);
      expect(up.stderr()).toContain('Web UI:');
    } finally {
      await third.dispose();
      owner.close();
    }
  });
});

/**
 * Servers of other suites use and release the ports from 7233 on. This takes one that is free now.
 */
async function takeFirstFreePort(from: number): Promise<{ server: net.Server; port: number }> {
  for (let port = from; ; port += 1) {
    const server = net.createServer();
    const isMine = await new Promise((resolve, reject) => {
      server.once('listening', () => {
        resolve(true);
      });
      server.once('error', (error: NodeJS.ErrnoException) => {
        if (error.code === 'EADDRINUSE') resolve(false);
        else reject(error);
      });
      server.listen(port, '127.0.0.1');
    });
    if (isMine === true) return { server, port };
  }
}
