/**
 * Texts of a megabyte, from catalogs and from users, are cut in histories, records and tables.
 * (O15)
 */
import fs from 'node:fs';
import path from 'node:path';
import { Pipeline } from '../../helpers/runs/pipeline';

const MEGABYTE = 1_000_000;
const QUEUE = 'artemis-pipeline';

let pipeline: Pipeline;
beforeAll(async () => {
  pipeline = await Pipeline.onSharedServer();
  await pipeline.up();
});
afterAll(() => pipeline.dispose());

/** Starts a run with an input from a file, because command lines have limits of their own. */
async function start(workflowId: string, input: object): Promise<void> {
  const file = path.join(pipeline.folder, `${workflowId}.json`);
  fs.writeFileSync(file, JSON.stringify(input));
  await pipeline.temporal(
    ...['workflow', 'start', '--type', 'runPipeline', '--workflow-id', workflowId],
    ...['--task-queue', QUEUE, '--input-file', file],
  );
}

async function historyOf(workflowId: string): Promise<string> {
  const id = ['--workflow-id', workflowId];
  return pipeline.temporal('workflow', 'show', ...id, '--output', 'json');
}

function writeCatalog(name: string, text: string): string {
  fs.mkdirSync(path.join(pipeline.root, 'catalogs'), { recursive: true });
  fs.writeFileSync(path.join(pipeline.root, 'catalogs', name), text);
  return `catalogs/${name}`;
}

/** The failures of a workflow's activities as its history has them. */
async function failuresOf(workflowId: string): Promise<string> {
  const { events } = JSON.parse(await historyOf(workflowId)) as {
    readonly events: readonly object[];
  };
  const failed = events.filter((event) => 'activityTaskFailedEventAttributes' in event);
  expect(failed).toHaveLength(1);
  return JSON.stringify(failed);
}

describe('a failure with a long text', () => {
  it.each([
    [
      'a header of a megabyte',
      'catalog_columns',
      () => writeCatalog('wide.csv', `id,url${`,${'x'.repeat(500)}`.repeat(2_100)}\n1,2\n`),
    ],
    ['a path of 60 kB', 'catalog_missing', () => 'catalogs/'.concat('x'.repeat(60_000), '.csv')],
  ])(
    'of %s is cut in messages, causes, stacks, records and tables',
    async (_what, code, catalog) => {
      await start(code, { catalog: catalog(), onStepFailure: 'fail' });
      const { runId, step } = await pipeline.when(
        (run) => run.workflowId === code && run.state === 'failed',
      );
      expect(step).toMatchObject({ name: 'ingest', code });
      expect((await failuresOf(code)).length).toBeLessThan(20_000);
      for (const record of ['progress.json', 'summary.json'])
        expect(fs.statSync(path.join(pipeline.root, 'runs', runId, record)).size).toBeLessThan(
          5_000,
        );
      const [row] = await pipeline.query<{ readonly longest: number }>(
        'SELECT max(length(detail)) AS longest FROM (SELECT detail FROM etl_run UNION ALL SELECT detail FROM etl_step)',
      );
      expect(row?.longest).toBeGreaterThan(100);
      expect(row?.longest).toBeLessThan(3_000);
    },
  );
});

describe('an input of almost two megabytes', () => {
  it('is refused with a message, and no payload carries it', async () => {
    const budget = { connections: 8, requestsPerSecond: 20 };
    const hosts = Object.fromEntries(
      Array.from({ length: 30_000 }, (_, n) => [`host-${n}.example.org`, budget]),
    );
    const input = { catalog: 'catalogs/c.csv', hosts };
    expect(JSON.stringify(input).length).toBeGreaterThan(1.8 * MEGABYTE);
    await start('large', input);
    const { code, stdout } = await pipeline.runTemporal(
      'workflow',
      'result',
      '--workflow-id',
      'large',
    );
    expect(code).not.toBe(0);
    expect(stdout).toContain('at most 65536 are taken');
    // The history has the user's own input twice, at the start and for the activity that refuses
    // it. Payloads are in base64.
    const history = await historyOf('large');
    expect(history.length).toBeLessThan(2 * 1.4 * JSON.stringify(input).length + 100_000);
  });
});
