/**
 * A download worker loses Temporal but not the internet while it works on a lane. It must stop
 * before the server starts the lane's next attempt on another worker. At no time may the origin
 * receive more requests than the budget of one worker allows.
 */
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  BATCH_HEARTBEAT_TIMEOUT_MS,
  HEARTBEAT_THROTTLE_MS,
  SERVER_SILENCE_LIMIT_MS,
} from '../../../src/contract/batch-timing';
import { picture } from '../../helpers/images/images';
import { reply, startLyingServer, type LyingServer } from '../../helpers/hosts/lying-server';
import { Pipeline } from '../../helpers/runs/pipeline';
import { TcpProxy, type NetworkFault } from '../../helpers/cluster/tcp-proxy';

const COUNT = 800;
const BUDGET = { connections: 4, requestsPerSecond: 20 };

/** The silence is checked twice a second, and the rest is for a busy machine. In milliseconds. */
const STOP_MARGIN_MS = 1_000;

const LIMIT_MS = 240_000;

interface Asked {
  /**
   * The time at which this process observed the request, and the time before which it cannot have
   * arrived. The process may have stood still between the two.
   */
  readonly at: number;
  readonly notBefore: number;
  readonly path: string;
  readonly worker: string;
}

interface Scene {
  readonly pipeline: Pipeline;
  readonly proxy: TcpProxy;
  readonly origin: LyingServer;
  /** Every request that the origin received, with the time at which its last header was read. */
  readonly asked: readonly Asked[];
}

async function withScene(work: (scene: Scene) => Promise<void>): Promise<void> {
  const origin = await startLyingServer();
  const host = `127.0.0.1:${origin.port}`;
  const pipeline = await Pipeline.create({
    ARTEMIS_ALLOW_PRIVATE_HOSTS: host,
    // A batch that ended because of its time box would hide that nothing stopped it.
    ARTEMIS_BATCH_SECONDS: '300',
  });
  let proxy: TcpProxy | null = null;
  const pulse = startPulse();
  try {
    await pipeline.startServer();
    proxy = await TcpProxy.start(pipeline.server().address);
    const asked: Asked[] = [];
    const image = reply('200 OK', {}, await picture('jpeg'));
    for (let n = 0; n < COUNT; n += 1)
      origin.answer(`/${n}`, (socket, request) => {
        const worker = /^user-agent: worker-(\w+)/im.exec(request.head)?.[1] ?? '';
        const at = performance.now();
        asked.push({ at, notBefore: pulse.beforeLast(), path: request.path, worker });
        setTimeout(() => {
          image(socket, request);
        }, 50);
      });
    await work({ pipeline, proxy, origin, asked });
  } finally {
    pulse.stop();
    await pipeline.dispose();
    await proxy?.stop();
    await origin.close();
  }
}

/**
 * Reports since when this process may have stood still. What it observes now arrived after the beat
 * before its last one.
 */
function startPulse(): { beforeLast: () => number; stop: () => void } {
  let beats: [number, number] = [performance.now(), performance.now()];
  const timer = setInterval(() => (beats = [beats[1], performance.now()]), 5);
  return {
    beforeLast: () => beats[0],
    stop: () => {
      clearInterval(timer);
    },
  };
}

async function startDownloads(
  { pipeline }: Scene,
  name: string,
  variables: Readonly<Record<string, string>> = {},
): Promise<void> {
  const all = { ...variables, ARTEMIS_USER_AGENT: `worker-${name} (+mailto:a@example.org)` };
  await pipeline.startWith(all, 'worker', '--queues', 'download').says('workers are ready');
}

async function startRun({ pipeline, origin }: Scene): Promise<void> {
  fs.mkdirSync(path.join(pipeline.root, 'catalogs'), { recursive: true });
  const rows = Array.from(
    { length: COUNT },
    (_none, n) => `${n},http://127.0.0.1:${origin.port}/${n}\n`,
  );
  fs.writeFileSync(path.join(pipeline.root, 'catalogs/c.csv'), `id,url\n${rows.join('')}`);
  const input = { catalog: 'catalogs/c.csv', hosts: { default: BUDGET } };
  await pipeline.expectFine(
    ...['temporal', 'workflow', 'start', '--type', 'runPipeline', '--workflow-id', 'cut'],
    ...['--task-queue', 'artemis-pipeline', '--input', JSON.stringify(input)],
  );
}

async function until(isSo: () => boolean, withinMs: number, otherwise: string): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!isSo()) {
    if (performance.now() > deadline) throw new Error(otherwise);
    await delay(100);
  }
}

/** Waits until the origin has received a request from this worker. */
function untilAskedBy({ asked }: Scene, worker: string, withinMs: number): Promise<void> {
  const isSo = (): boolean => asked.some((request) => request.worker === worker);
  return until(isSo, withinMs, `no request from worker ${worker}`);
}

/**
 * The least time within which `count` requests following one another certainly arrived, in
 * milliseconds.
 */
function shortestTimeOf(count: number, asked: readonly Asked[]): number {
  const times = asked
    .slice(count - 1)
    .map(({ at }, index) => at - (asked[index]?.notBefore ?? Number.NaN));
  return Math.min(...times);
}

function askedTwice(asked: readonly Asked[]): readonly string[] {
  const paths = asked.map((request) => request.path);
  return paths.filter((one, index) => paths.indexOf(one) !== index);
}

it.concurrent.each<[string, NetworkFault]>([
  ['its connections are refused', 'refuse'],
  ['its packets are swallowed and its connections stay open', 'swallow'],
])(
  'a worker that loses Temporal stops before its successor starts (%s)',
  async (_title, fault) => {
    await withScene(async (scene) => {
      const { pipeline, proxy, origin, asked } = scene;
      await pipeline
        .start('worker', '--queues', 'pipeline,plan,warehouse')
        .says('workers are ready');
      await startDownloads(scene, 'A', { TEMPORAL_ADDRESS: proxy.address });
      await startRun(scene);
      await untilAskedBy(scene, 'A', 60_000);
      // Worker A has the lane until it is stopped, and B only waits for it.
      await startDownloads(scene, 'B');
      expect(asked.filter(({ worker }) => worker !== 'A')).toEqual([]);

      proxy.set(fault);
      const cutAt = performance.now();
      // A task that was delivered to a poll of A whose connection is swallowed times out once more.
      await untilAskedBy(scene, 'B', 4 * BATCH_HEARTBEAT_TIMEOUT_MS);
      proxy.set('none');
      await pipeline.when((run) => run.state === 'completed', 120);

      const [ofA, ofB] = ['A', 'B'].map((name) => asked.filter(({ worker }) => worker === name));
      const lastOfA = (ofA?.at(-1)?.notBefore ?? 0) - cutAt;
      const firstOfB = (ofB?.[0]?.at ?? 0) - cutAt;
      // It continues for a while, so the fence stopped it.
      expect(lastOfA).toBeGreaterThan(HEARTBEAT_THROTTLE_MS);
      expect(lastOfA).toBeLessThan(SERVER_SILENCE_LIMIT_MS + STOP_MARGIN_MS);
      expect(firstOfB).toBeGreaterThan(BATCH_HEARTBEAT_TIMEOUT_MS - HEARTBEAT_THROTTLE_MS - 1_000);
      expect(shortestTimeOf(BUDGET.requestsPerSecond + 1, asked)).toBeGreaterThanOrEqual(1_000);
      expect(askedTwice(asked).length).toBeLessThanOrEqual(BUDGET.connections);
      expect(origin.connections.most).toBeLessThanOrEqual(BUDGET.connections);
      const { runId } = await pipeline.when(() => true);
      expect(pipeline.summary(runId).run).toMatchObject({ stored: COUNT, failed: 0 });
      await pipeline.expectVerified();
    });
  },
  LIMIT_MS,
);
