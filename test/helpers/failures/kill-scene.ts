/**
 * A run under way, with a process for each of its queues, as docker-compose.yml starts them, and
 * the checks that must succeed afterwards.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { planDownloads } from '../../../src/plan/plan-downloads';
import { database } from '../../catalog/data-root-fixture';
import { cutNow, expectNothingInVain, type Cut } from '../runs/fetched-again';
import { Pipeline, type Command } from '../runs/pipeline';
import { resetToBefore } from '../runs/reset-run';
import { seededNumbers } from '../seeded-random';

export const COUNT = 300;
const HOSTS = { default: { connections: 8, requestsPerSecond: 60 } };
export type Queue = 'pipeline' | 'plan' | 'download' | 'warehouse';
export const QUEUES: readonly Queue[] = ['pipeline', 'plan', 'download', 'warehouse'];

/** A run under way, each queue served by a process of its own. */
export interface Scene {
  readonly pipeline: Pipeline;
  readonly workers: Record<Queue, Command>;
  /** A moment within the download, in milliseconds, that depends on the seed only. */
  readonly moment: () => number;
  /** The moments at which executions were cut off, or their workflow was terminated. */
  readonly cuts: Cut[];
}

let scene: Scene | null = null;

/** Must be called after each test. */
export async function endScene(): Promise<void> {
  await scene?.pipeline.dispose();
  scene = null;
}

export interface SceneOptions {
  readonly settings?: Readonly<Record<string, string>>;
  /**
   * True for a Temporal server that the scene may kill. By default the server is that of all
   * suites.
   */
  readonly hasOwnServer?: boolean;
  /**
   * The queues whose worker the scene kills. Each has a process of its own, and one more process
   * serves the others. By default these are all queues.
   */
  readonly apart?: readonly Queue[];
}

export async function begin(
  seed: number,
  { settings = {}, hasOwnServer = false, apart = QUEUES }: SceneOptions = {},
): Promise<Scene> {
  const variables = { ARTEMIS_QUEUE_PREFIX: 'artemis-kills', ...settings };
  // Many rounds would use up the namespaces of the shared server.
  const isShared = !hasOwnServer && seeds.length === 1;
  const pipeline = await (isShared
    ? Pipeline.onSharedServer(variables)
    : Pipeline.create(variables));
  const next = seededNumbers(seed);
  const moment = (): number => 200 + (next() % 2_500);
  scene = { pipeline, workers: {} as Record<Queue, Command>, moment, cuts: [] };
  if (!isShared) await pipeline.startServer();
  await serveAll(scene, apart);
  await startRun(pipeline, 'killed');
  await pipeline.when((run) => run.stored >= 40);
  return scene;
}

async function serveAll({ pipeline, workers }: Scene, apart: readonly Queue[]): Promise<void> {
  const others = QUEUES.filter((queue) => !apart.includes(queue));
  const groups = [...apart.map((queue) => [queue]), ...(others.length > 0 ? [others] : [])];
  const serveGroup = async (group: readonly Queue[]): Promise<void> => {
    const command = await serve(pipeline, ...group);
    for (const queue of group) workers[queue] = command;
  };
  await Promise.all(groups.map(serveGroup));
}

export async function serve(pipeline: Pipeline, ...queues: readonly Queue[]): Promise<Command> {
  const command = pipeline.start('worker', '--queues', queues.join(','));
  await command.says('workers are ready');
  return command;
}

export async function startRun(pipeline: Pipeline, workflowId: string): Promise<void> {
  const catalog = await pipeline.writeCatalog(COUNT);
  await pipeline.temporal(
    ...['workflow', 'start', '--type', 'runPipeline', '--workflow-id', workflowId],
    ...['--task-queue', 'artemis-kills-pipeline'],
    ...['--input', JSON.stringify({ catalog, hosts: HOSTS })],
  );
}

/** Slows the run down so far that it cannot end, or lets it continue, on a machine of any speed. */
export async function setRate({ pipeline }: Scene, rate: 'held' | 'quick'): Promise<void> {
  const { connections, requestsPerSecond } = HOSTS.default;
  const budget = { connections, requestsPerSecond: rate === 'held' ? 2 : requestsPerSecond };
  await pipeline.temporal(
    ...['workflow', 'update', 'execute', '--workflow-id', 'killed', '--name', 'setHostBudget'],
    ...['--input', JSON.stringify({ host: 'default', ...budget })],
  );
}

export async function replace(at: Scene, queue: Queue, signal: NodeJS.Signals): Promise<void> {
  await delay(at.moment());
  at.workers[queue].kill(signal);
  await at.workers[queue].finished;
  if (queue === 'download') await noteCut(at);
  at.workers[queue] = await serve(at.pipeline, queue);
}

export async function noteCut({ pipeline, cuts }: Scene): Promise<void> {
  cuts.push(await cutNow(pipeline));
}

/** What a download worker logs at the end of a batch. */
const BATCH_ENDED = /"attempt":(\d+),.*"msg":"batch ended"/g;

/**
 * Notes a cut for each attempt that ended because the server was away for more than nine seconds,
 * which depends on the machine: its successor requests what was under way. Called when the run has
 * ended.
 */
export function noteSilence({ pipeline, workers, cuts }: Scene): void {
  const attempts = [...workers.download.stderr().matchAll(BATCH_ENDED)];
  const ended = attempts.reduce((sum, [, attempt]) => sum + Number(attempt) - 1, 0);
  const requests = pipeline.origin.requests().length;
  for (let count = 0; count < ended; count += 1) cuts.push({ requests, stored: new Set() });
}

/**
 * Checks everything that must be true when the run has ended, and that a next run has nothing to
 * do.
 */
export async function expectWhole(at: Scene): Promise<void> {
  await expectComplete(at);
  const { pipeline } = at;
  const before = pipeline.origin.requests().length;
  await startRun(pipeline, 'nothing-left');
  const next = await pipeline.whenRunOf('nothing-left', (run) => run.state === 'completed');
  expect(next).toMatchObject({ planned: 0 });
  expect(pipeline.origin.requests()).toHaveLength(before);
}

/**
 * Checks everything that must be true when a second run has fetched what the first one left. That
 * run has shown that a next run works, so only what a third one would download is planned.
 */
export async function expectWholeAfterSuccessor(at: Scene): Promise<void> {
  await expectComplete(at);
  const { planned } = await planDownloads({
    dataRoot: at.pipeline.root,
    runId: 'nothing-left',
    request: { select: 'pending', limit: null, only: null, hosts: HOSTS },
    caps: HOSTS.default,
    workers: 1,
    database,
  });
  expect(planned).toBe(0);
}

async function expectComplete({ pipeline, cuts }: Scene): Promise<void> {
  const { runId } = await pipeline.when((run) => run.state === 'completed');
  expect(pipeline.summary(runId).counts).toMatchObject({ images: COUNT, pending: 0 });
  await pipeline.expectVerified();
  expectNothingInVain(pipeline, cuts);
}

/** Resets the run `killed` with `temporal workflow reset`, so that its download step runs again. */
export async function resetToBeforeDownloads(at: Scene): Promise<void> {
  await resetToBefore(at.pipeline, 'killed', 'child');
  await noteCut(at);
}

/** The seeds of the scenes, from KILL_SEED on. */
export const seeds = Array.from(
  { length: Number(process.env.KILL_ROUNDS ?? 1) },
  (_, round) => Number(process.env.KILL_SEED ?? 1) + round,
);

/** The time limit of one scene, in milliseconds. */
export const LIMIT_MS = 180_000;
