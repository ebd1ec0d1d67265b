/** Two runs at the same time: over one data root, and over two data roots that share a server. */
import { Pipeline } from '../../helpers/runs/pipeline';
import { claimNamespace } from '../../helpers/suites/shared-server';

/** So low that a few images keep a run under way, because each image costs CPU time. */
const SLOW = { default: { connections: 4, requestsPerSecond: 5 } };
const QUICK = { default: { connections: 8, requestsPerSecond: 200 } };

function start(workflowId: string, queue: string, input: object): readonly string[] {
  return [
    ...['workflow', 'start', '--type', 'runPipeline', '--workflow-id', workflowId],
    ...['--task-queue', queue, '--input', JSON.stringify(input)],
  ];
}

describe('over one data root', () => {
  let pipeline: Pipeline;
  beforeAll(async () => {
    pipeline = await Pipeline.onSharedServer({ ARTEMIS_QUEUE_PREFIX: 'artemis-two' });
    await pipeline.up();
  });
  afterAll(() => pipeline.dispose());
  const queue = 'artemis-two-pipeline';

  it('the second run waits for the first, shows that, and fetches only what is left', async () => {
    const catalog = await pipeline.writeCatalog(60);
    await pipeline.temporal(...start('one', queue, { catalog, limit: 40, hosts: SLOW }));
    await pipeline.when((run) => run.stored >= 5);
    await pipeline.temporal(...start('two', queue, { catalog, hosts: QUICK }));
    await pipeline.when((run) => run.workflowId === 'two' && run.state === 'waiting');
    const [waiting] = (await pipeline.status()).runs;
    expect(waiting).toMatchObject({ workflowId: 'two', planned: 0 });
    const { runId } = await pipeline.when(
      (run) => run.workflowId === 'two' && run.state === 'completed',
    );
    expect(pipeline.summary(runId)).toMatchObject({
      run: { planned: 20 },
      counts: { images: 60, pending: 0 },
    });
    await pipeline.expectVerified();
  });

  it('a holder that was terminated with its child blocks no other run', async () => {
    // The catalog has enough images that its downloads are still under way when both workflows have
    // been terminated, even on a slow machine.
    const catalog = await pipeline.writeCatalog(250);
    await pipeline.temporal(...start('killed', queue, { catalog, hosts: SLOW }));
    await pipeline.whenRunOf('killed', (run) => run.stored >= 5);
    // The child is terminated first, because the child of a terminated parent commits what it has,
    // and may end before it is terminated too.
    await pipeline.temporal('workflow', 'terminate', '--workflow-id', 'killed-download');
    await pipeline.temporal('workflow', 'terminate', '--workflow-id', 'killed');
    await pipeline.temporal(...start('next', queue, { catalog, hosts: QUICK }));
    const { runId } = await pipeline.when(
      (run) => run.workflowId === 'next' && run.state === 'completed',
    );
    expect(pipeline.summary(runId).counts).toMatchObject({ images: 250, pending: 0 });
    await pipeline.expectVerified();
  });
});

describe('over two data roots of one server', () => {
  it('a worker of the other root refuses with the same prefix, and writes nothing', async () => {
    const settings = { ...(await claimNamespace()), ARTEMIS_QUEUE_PREFIX: 'artemis-shared' };
    const mine = await Pipeline.create(settings);
    let other: Pipeline | null = null;
    try {
      other = await Pipeline.create(settings);
      // One root reads catalogs and plans, the other downloads.
      const control = mine.start('worker', '--queues', 'pipeline,plan,warehouse');
      const stranger = other.start('worker', '--queues', 'download');
      await control.says('workers are ready');
      await stranger.says('workers are ready');
      const catalog = await mine.writeCatalog(20);
      await mine.temporal(...start('mixed', 'artemis-shared-pipeline', { catalog }));
      const { step } = await mine.when((run) => run.state === 'parked');
      expect(step).toMatchObject({ name: 'download', code: 'wrong_root' });
      expect(mine.origin.requests()).toEqual([]);
      expect(other.files()).toEqual([]);
    } finally {
      await other?.dispose();
      await mine.dispose();
    }
  });

  it('runs with prefixes of their own do not affect each other', async () => {
    const server = await claimNamespace();
    const mine = await Pipeline.create({ ...server, ARTEMIS_QUEUE_PREFIX: 'artemis-mine' });
    let other: Pipeline | null = null;
    try {
      other = await Pipeline.create({ ...server, ARTEMIS_QUEUE_PREFIX: 'artemis-other' });
      await mine.up();
      await other.up();
      for (const [pipeline, id] of [
        [mine, 'mine'],
        [other, 'other'],
      ] as const) {
        const catalog = await pipeline.writeCatalog(20);
        // Both use one namespace of one server.
        await mine.temporal(...start(id, `artemis-${id}-pipeline`, { catalog, hosts: QUICK }));
      }
      for (const pipeline of [mine, other]) {
        await pipeline.when((run) => run.state === 'completed');
        expect(new Set(pipeline.origin.requests()).size).toBe(20);
        await pipeline.expectVerified();
      }
    } finally {
      await other?.dispose();
      await mine.dispose();
    }
  });
});
