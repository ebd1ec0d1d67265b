/** Workers that are replaced while a run is under way. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { temporal } from '@temporalio/proto';
import { dataRootPaths } from '../../../src/files/data-root';
import { fileHolder } from '../../../src/files/process/file-holder';
import { clientOf } from '../../helpers/runs/client-of';
import { Pipeline, type Command } from '../../helpers/runs/pipeline';

const { PENDING_ACTIVITY_STATE_STARTED: STARTED } = temporal.api.enums.v1.PendingActivityState;
type Pending = temporal.api.workflow.v1.IPendingActivityInfo;

const PREFIX = 'artemis-rolling';
const HOSTS = { default: { connections: 4, requestsPerSecond: 20 } };
/**
 * Without a hand-over, the batch would be retried only after its heartbeat timeout, 15 s. In
 * milliseconds, and enough for a busy machine.
 */
const AT_ONCE_MS = 8_000;

let pipeline: Pipeline;
let client: Client;
let control: Command;
let downloaders: readonly Command[];
let writer: Command;
let standby: Command;
beforeAll(async () => {
  pipeline = await Pipeline.onSharedServer({
    ARTEMIS_QUEUE_PREFIX: PREFIX,
    ARTEMIS_LATE_SECONDS: '1',
  });
  const up = await pipeline.up();
  client = await clientOf(pipeline);
  control = pipeline.start('worker', '--queues', 'pipeline,plan');
  downloaders = [1, 2].map(() => pipeline.start('worker', '--queues', 'download'));
  writer = pipeline.start('worker', '--queues', 'warehouse');
  await writer.says('standing by');
  for (const worker of [control, ...downloaders]) await worker.says('workers are ready');
  up.kill('SIGTERM');
  expect((await up.finished).code).toBe(0);
  await writer.says('workers are ready');
  standby = pipeline.start('worker', '--queues', 'warehouse');
  await standby.says('standing by');
});
afterAll(async () => {
  await client.connection.close();
  await pipeline.dispose();
});

/** Waits until `isSo` is true for the child's batch under way. */
async function batch(isSo: (pending: Pending) => boolean): Promise<Pending> {
  for (;;) {
    const { raw } = await client.workflow.getHandle('rolling-download').describe();
    const pending = raw.pendingActivities?.find(
      ({ activityType }) => activityType?.name === 'downloadBatch',
    );
    if (pending !== undefined && isSo(pending)) return pending;
    await delay(50);
  }
}

function millisecondsOf(time: temporal.api.workflow.v1.IPendingActivityInfo['lastStartedTime']) {
  return Number(time?.seconds) * 1_000 + (time?.nanos ?? 0) / 1e6;
}

describe('SIGTERM', () => {
  beforeAll(async () => {
    const catalog = await pipeline.writeCatalog(160);
    await client.workflow.start('runPipeline', {
      workflowId: 'rolling',
      taskQueue: `${PREFIX}-pipeline`,
      args: [{ catalog, hosts: HOSTS }],
    });
    await pipeline.when((run) => run.stored >= 10);
  });

  it('of a download worker lets another one continue at once, with what its ledger has', async () => {
    const { lastWorkerIdentity } = await batch(({ state }) => state === STARTED);
    const first = downloaders.find(({ pid }) => lastWorkerIdentity?.startsWith(`${pid}@`));
    const at = Date.now();
    first?.kill('SIGTERM');
    const next = await batch(({ state, attempt }) => state === STARTED && attempt === 2);
    expect(millisecondsOf(next.lastStartedTime) - at).toBeLessThan(AT_ONCE_MS);
    expect(next.lastWorkerIdentity).not.toBe(lastWorkerIdentity);
    expect(next.lastFailure?.applicationFailureInfo?.type).toBe('worker_shutdown');
    expect((await first?.finished)?.code).toBe(0);
  });

  it('of the warehouse worker in a commit ends it after that commit, and the standby takes over', async () => {
    const { warehouse } = dataRootPaths(pipeline.root);
    while (fileHolder(warehouse)?.pid !== writer.pid) await delay(1);
    writer.kill('SIGTERM');
    expect((await writer.finished).code).toBe(0);
    await standby.says('taking over');
    const { runId } = await pipeline.when((run) => run.state === 'completed');
    expect(pipeline.summary(runId).counts).toMatchObject({ images: 160, pending: 0 });
    const { events } = await client.workflow.getHandle('rolling-download').fetchHistory();
    const retried = (events ?? []).flatMap(({ activityTaskStartedEventAttributes: started }) =>
      (started?.attempt ?? 1) > 1 ? [started?.lastFailure?.applicationFailureInfo?.type] : [],
    );
    // Of all activities, only the batch that was handed over has a second attempt.
    expect(retried).toEqual(['worker_shutdown']);
    await pipeline.expectVerified();
  });
});
