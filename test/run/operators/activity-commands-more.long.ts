/**
 * Runs `temporal activity pause | update-options | reset | unpause`, as an operator types them, on
 * an activity of every type of this program.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import type { temporal } from '@temporalio/proto';
import { STEP_NAMES } from '../../../src/contract/run-input';
import { ACTIVITY_TYPES } from '../../helpers/runs/activity-types';
import { Pipeline } from '../../helpers/runs/pipeline';
import { writeMeansModel } from '../../helpers/images/tiny-onnx';

type Pending = temporal.api.workflow.v1.IPendingActivityInfo;

const PREFIX = 'artemis-commands';
const COUNT = 40;

/** A run of downloads alone has published when it ends, and only records its end. */
const OF_SECOND_RUN = ['recordRun'];

/** A diagnosis must come within its minute, and a run's last write within half a minute. */
const RETRY: Readonly<Record<string, string>> = { findObstacle: '15s', recordRun: '12s' };

let pipeline: Pipeline;
let client: Client;
let held: string;
beforeAll(async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'artemis-held-'));
  held = folder;
  pipeline = await Pipeline.create({
    ARTEMIS_QUEUE_PREFIX: PREFIX,
    ARTEMIS_LATE_SECONDS: '2',
    NODE_OPTIONS: `--require ${path.join(__dirname, '../../helpers/failures/held-activities.cjs')}`,
    HELD: folder,
    ARTEMIS_EMBEDDING_MODEL: writeMeansModel(path.join(folder, 'models')),
  });
  await pipeline.up();
  client = new Client({
    connection: await Connection.connect({ address: pipeline.server().address }),
  });
}, 60_000);
afterAll(async () => {
  await client.connection.close();
  await pipeline.dispose();
  fs.rmSync(held, { recursive: true, force: true });
});

const fileOf = (type: string, ending = ''): string => path.join(held, `${type}${ending}`);

async function start(workflowId: string, further: object): Promise<void> {
  const hosts = { default: { connections: 2, requestsPerSecond: 2 } };
  const input = { catalog: await pipeline.writeCatalog(COUNT), hosts, ...further };
  await client.workflow.start('runPipeline', {
    ...{ workflowId, taskQueue: `${PREFIX}-pipeline`, args: [input] },
  });
}

/** The workflow with the held activity of a type, and that activity. */
async function heldOf(type: string): Promise<readonly [string, Pending] | null> {
  const claim = fileOf(type, '.claim');
  if (!fs.existsSync(claim)) return null;
  const [workflowId = '', activityId] = fs.readFileSync(claim, 'utf8').split('/');
  const { raw } = await client.workflow.getHandle(workflowId).describe();
  const pending = raw.pendingActivities?.find((activity) => activity.activityId === activityId);
  return pending === undefined ? null : [workflowId, pending];
}

const detailsOf = ({ heartbeatDetails }: Pending): unknown => {
  const [payload] = heartbeatDetails?.payloads ?? [];
  return payload === undefined ? null : defaultPayloadConverter.fromPayload(payload);
};

/** The details that the attempts of a held activity found, in order. */
const seen = (type: string): readonly unknown[] =>
  fs
    .readFileSync(fileOf(type, '.seen'), 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as unknown);

/** Runs all four commands on a held activity. With `isCleared` its counters are cleared. */
async function operate(type: string, isCleared: boolean): Promise<void> {
  const found = await heldOf(type);
  if (found === null) throw new Error(`${type} is gone`);
  const [workflowId, { activityId }] = found;
  const command = (name: string, ...flags: readonly string[]): Promise<string> =>
    pipeline.temporal(
      ...['activity', name, '--workflow-id', workflowId],
      ...['--activity-id', activityId ?? '', ...flags],
    );
  const expectHeld = async (facts: object): Promise<void> => {
    const [, pending] = (await heldOf(type)) ?? [];
    const longestRetry = Number(pending?.activityOptions?.retryPolicy?.maximumInterval?.seconds);
    const details = pending && detailsOf(pending);
    expect({ type, details, longestRetry, ...pending }).toMatchObject({
      ...{ type, details: { failures: 1, held: type }, paused: true },
      ...facts,
    });
  };
  await command('pause', '--reason', `to try ${type}`);
  await command('update-options', '--retry-maximum-interval', '7s');
  await expectHeld({ longestRetry: 7 });
  const cleared = isCleared ? ['--clear-heartbeat-details'] : [];
  await command('reset', '--keep-paused', ...cleared);
  await expectHeld({ attempt: 1 });
  const before = seen(type).length;
  fs.rmSync(fileOf(type));
  await command('unpause');
  for (let look = 0; seen(type).length === before; look += 1) {
    if (look > 200) throw new Error(`${type} did not go on`);
    await delay(100);
  }
  const last = seen(type).at(-1);
  if (isCleared) expect([type, last]).toEqual([type, null]);
  else expect([type, last]).toMatchObject([type, { failures: 1, held: type }]);
}

/** Operates on each activity when it arrives, until none of the types is left. */
async function operateAll(types: readonly string[]): Promise<readonly string[]> {
  const done: string[] = [];
  const deadline = Date.now() + 300_000;
  while (done.length < types.length) {
    for (const type of types.filter((name) => !done.includes(name))) {
      // The activity that a diagnosis describes keeps it alive.
      if (type === 'parseCatalog' && !done.includes('findObstacle')) continue;
      const found = await heldOf(type);
      // Its heartbeat and its failure have arrived.
      if (found?.[1].lastFailure?.message !== 'held by a test') continue;
      await operate(type, done.length % 2 === 1);
      done.push(type);
      if (type === 'downloadBatch') await changeBudget();
    }
    if (Date.now() > deadline)
      throw new Error(`only these activities were operated: ${done.join(', ')}`);
    await delay(100);
  }
  return done;
}

/** Makes the workflow recall the running batches. */
async function changeBudget(): Promise<void> {
  await pipeline.when((run) => run.stored > 0);
  const budget = { host: 'default', connections: 2, requestsPerSecond: 5 };
  await client.workflow.getHandle('all').executeUpdate('setHostBudget', { args: [budget] });
}

it('an activity of every type is paused, given options, reset and resumed with its counters, and the run completes', async () => {
  for (const type of ACTIVITY_TYPES) fs.writeFileSync(fileOf(type), RETRY[type] ?? '1h');
  await start('all', { steps: STEP_NAMES });
  const types = ACTIVITY_TYPES.filter((type) => !OF_SECOND_RUN.includes(type));
  expect([...(await operateAll(types))].sort()).toEqual([...types].sort());
  const ended = await pipeline.when((run) => run.state === 'completed', 90);
  expect(pipeline.summary(ended.runId).counts).toMatchObject({ images: COUNT, pending: 0 });
  await start('without publish', { steps: ['download'] });
  await operateAll(OF_SECOND_RUN);
  await pipeline.whenRunOf('without publish', (run) => run.state === 'completed');
  await pipeline.expectFine('verify', '--deep');
}, 480_000);
