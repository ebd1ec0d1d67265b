/** A run under way, each of its queues served by a process of its own, as docker-compose.yml starts them; and what must hold after it. */
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { cutNow, expectNothingInVain, type Cut } from './fetched-again';
import { Pipeline, type Command } from './pipeline';
import { resetToBefore } from './reset-run';

export const COUNT = 400;
const HOSTS = { default: { connections: 8, requestsPerSecond: 60 } };
export type Queue = 'pipeline' | 'plan' | 'download' | 'warehouse';
export const QUEUES: readonly Queue[] = ['pipeline', 'plan', 'download', 'warehouse'];

/** A run under way, each queue served by a process of its own. */
export interface Scene {
  readonly pipeline: Pipeline;
  readonly workers: Record<Queue, Command>;
  /** A moment within the download that follows from the seed alone. **Units** ms. */
  readonly moment: () => number;
  /** When executions were cut off, or their workflow was taken away. */
  readonly cuts: Cut[];
}

let scene: Scene | null = null;

/** Call it after each test. */
export async function endScene(): Promise<void> {
  await scene?.pipeline.dispose();
  scene = null;
}

export async function begin(
  seed: number,
  settings: Readonly<Record<string, string>> = {},
): Promise<Scene> {
  const prefix = 'artemis-kills';
  const pipeline = await Pipeline.create({ ARTEMIS_QUEUE_PREFIX: prefix, ...settings });
  let state = seed;
  const moment = (): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return 200 + ((state >>> 8) % 2_500);
  };
  scene = { pipeline, workers: {} as Record<Queue, Command>, moment, cuts: [] };
  const up = await pipeline.up();
  up.kill('SIGINT');
  await up.finished;
  for (const queue of QUEUES) scene.workers[queue] = await serve(pipeline, queue);
  await startRun(pipeline, 'killed');
  await pipeline.when((run) => run.stored >= 40);
  return scene;
}

export async function serve(pipeline: Pipeline, queue: Queue): Promise<Command> {
  const command = pipeline.start('worker', '--queues', queue);
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

/** Everything that must hold when the dust has settled. */
export async function expectWhole({ pipeline, cuts }: Scene): Promise<void> {
  const { runId } = await pipeline.when((run) => run.state === 'completed', 120);
  expect(pipeline.summary(runId).counts).toMatchObject({ images: COUNT, pending: 0 });
  await pipeline.expectFine('verify', '--deep');
  expectNothingInVain(pipeline, cuts);
  const before = pipeline.origin.requests().length;
  const next = await pipeline.run('run', path.join('data', `catalogs/tate_${COUNT}.csv`));
  expect(next.stderr).toContain('of 0 planned; 0 requests');
  expect(pipeline.origin.requests()).toHaveLength(before);
}

/** `temporal workflow reset` of the run `killed`: its download step is done again. */
export async function resetToBeforeDownloads(at: Scene): Promise<void> {
  await resetToBefore(at.pipeline, 'killed', 'child');
  await noteCut(at);
}

/** Of how many scenes, from KILL_SEED on. */
export const seeds = Array.from(
  { length: Number(process.env.KILL_ROUNDS ?? 1) },
  (_, round) => Number(process.env.KILL_SEED ?? 1) + round,
);

/** **Units** ms, of one scene. */
export const LIMIT_MS = 180_000;
