/**
 * The network between workers, commands and the Temporal server fails in every way, again and
 * again, and the server itself is stopped for a while. The run completes, and nothing is fetched
 * again that a ledger has. For stopped workers see kills.test.ts.
 *
 * `npm run network` does this for longer (NETWORK_IMAGES, NETWORK_SEED), and adds connections that
 * a router has forgotten.
 */
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { cutNow, expectNothingInVain } from '../../helpers/runs/fetched-again';
import { Pipeline } from '../../helpers/runs/pipeline';
import { TcpProxy, type NetworkFault } from '../../helpers/cluster/tcp-proxy';
import { seededNumbers } from '../../helpers/seeded-random';

const COUNT = Number(process.env.NETWORK_IMAGES ?? 120);
const SEED = Number(process.env.NETWORK_SEED ?? 1);
const IS_LONG = process.env.NETWORK_IMAGES !== undefined;
const HOSTS = { default: { connections: 8, requestsPerSecond: 10 } };
const FAULTS: readonly NetworkFault[] = [
  ...(['drop', 'reset', 'delay', 'swallow'] as const),
  ...(IS_LONG ? (['forget'] as const) : []),
];
const LIMIT_MS = IS_LONG ? 1_800_000 : 120_000;

/** Every command reads them when it starts. */
const settings: Record<string, string> = { ARTEMIS_QUEUE_PREFIX: 'artemis-network' };
let pipeline: Pipeline;
let proxy: TcpProxy;
beforeAll(async () => {
  pipeline = await Pipeline.create(settings);
  const up = await pipeline.up();
  up.kill('SIGINT');
  await up.finished;
  proxy = await TcpProxy.start(pipeline.server().address);
  settings.TEMPORAL_ADDRESS = proxy.address;
}, 60_000);
afterAll(async () => {
  // `down` stops the embedded server.
  delete settings.TEMPORAL_ADDRESS;
  await pipeline.dispose();
  await proxy.stop();
});

/** A moment that depends on the seed only, in milliseconds. */
const next = seededNumbers(SEED);
function moment(): number {
  return 600 + (next() % 1_600);
}

async function start(workflowId: string, catalog: string): Promise<void> {
  const input = { catalog, hosts: HOSTS };
  await pipeline.temporal(
    ...['workflow', 'start', '--type', 'runPipeline', '--workflow-id', workflowId],
    ...['--task-queue', 'artemis-network-pipeline', '--input', JSON.stringify(input)],
  );
}

it(
  `a run completes and fetches nothing twice over a network that drops, resets, delays and swallows, seed ${SEED}`,
  async () => {
    const workers = pipeline.start('worker');
    await workers.says('workers are ready');
    await start('tate', await pipeline.writeCatalog(COUNT));
    await pipeline.when((run) => run.stored >= 5);
    const completed = pipeline.when((run) => run.state === 'completed', LIMIT_MS / 1_000);
    const isOver = (): Promise<boolean> =>
      Promise.race([completed.then(() => true), delay(2 * moment(), false)]);
    // A task that is lost on its way is delivered again after its time limit. The short form does
    // not wait for that for ever.
    for (let round = 0; (IS_LONG || round < FAULTS.length) && !(await isOver()); round += 1) {
      proxy.set(FAULTS[round % FAULTS.length] ?? 'none');
      await delay(moment());
      // The status is read from the disk, without a request.
      if (round < FAULTS.length) expect((await pipeline.status()).runs).toHaveLength(1);
      proxy.set('none');
    }
    const { runId } = await completed;
    for (const fault of FAULTS) expect([fault, proxy.met[fault]]).not.toEqual([fault, 0]);
    const { counts, run } = pipeline.summary(runId);
    expect(counts).toMatchObject({ images: COUNT, pending: 0 });
    expect(run.stored + run.failed).toBe(COUNT);
    await pipeline.expectFine('verify', '--deep');
    // Heartbeats of a batch arrive in between, so no execution counts as dead.
    expectNothingInVain(pipeline, []);
    workers.kill('SIGINT');
    await workers.finished;
  },
  LIMIT_MS,
);

it(
  'while the server is stopped, status works and run reports it, and nothing is lost when it continues',
  async () => {
    const workers = pipeline.start('worker');
    await workers.says('workers are ready');
    const catalog = await pipeline.writeCatalog(2 * COUNT);
    await start('next', catalog);
    await pipeline.when((run) => run.workflowId === 'next' && run.stored >= 10);
    const { pid } = pipeline.server();
    process.kill(pid, 'SIGSTOP');
    const cut = await cutNow(pipeline);
    try {
      const stoppedAt = Date.now();
      const { code, stderr } = await pipeline.run('run', path.join('data', catalog));
      expect(code).toBe(5);
      expect(stderr).toMatch(new RegExp(`No Temporal server can be used at ${proxy.address}`));
      expect(Date.now() - stoppedAt).toBeLessThan(15_000);
      const [run] = (await pipeline.status()).runs;
      expect(run?.workflowId).toBe('next');
      expect(run?.stored).toBeGreaterThan(cut.stored.size - COUNT);
      if (IS_LONG) await delay(60_000);
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    const { runId } = await pipeline.when(
      (run) => run.workflowId === 'next' && run.state === 'completed',
      LIMIT_MS / 1_000,
    );
    expect(pipeline.summary(runId).counts).toMatchObject({ images: 2 * COUNT, pending: 0 });
    await pipeline.expectFine('verify', '--deep');
    expectNothingInVain(pipeline, [cut]);
  },
  LIMIT_MS,
);
