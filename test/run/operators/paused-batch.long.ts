/** A batch that an operator has paused is named, even while the other lanes continue. */
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startOrigin, type Origin } from '../../helpers/hosts/origin';
import { pendingWhen } from '../../helpers/runs/pending-activities';
import { Pipeline } from '../../helpers/runs/pipeline';
import { tateCatalog } from '../../helpers/images/tate-catalog';

/**
 * The number of images of one host that are worth a lane of its own at its budget. The second host
 * has few.
 */
const OF_FIRST = 110;
const OF_SECOND = 30;
const COUNT = OF_FIRST + OF_SECOND;

const FASTER = { connections: 4, requestsPerSecond: 50 };

let pipeline: Pipeline;
let other: Origin;
beforeAll(async () => {
  pipeline = await Pipeline.create({
    ARTEMIS_QUEUE_PREFIX: 'artemis-paused',
    ARTEMIS_LATE_SECONDS: '2',
    ARTEMIS_BATCH_SECONDS: '6',
  });
  const folder = path.join(pipeline.folder, 'other');
  fs.mkdirSync(folder);
  other = await startOrigin(folder);
  const allowed = [pipeline.origin, other].map(({ port }) => `127.0.0.1:${port}`).join(',');
  const up = pipeline.startWith({ ARTEMIS_ALLOW_PRIVATE_HOSTS: allowed }, 'up');
  await up.says('workers are ready');
}, 60_000);
afterAll(async () => {
  await pipeline.dispose();
  await other.stop();
});

/** Writes a catalog whose last artworks come from the other host. */
async function writeCatalogOfTwo(): Promise<string> {
  const name = await pipeline.writeCatalog(COUNT);
  const rows = (await tateCatalog(COUNT, other.port)).split('\n');
  const file = path.join(pipeline.root, name);
  const first = fs
    .readFileSync(file, 'utf8')
    .split('\n')
    .slice(0, OF_FIRST + 1);
  fs.writeFileSync(file, [...first, ...rows.slice(OF_FIRST + 1)].join('\n'));
  return name;
}

it('a paused batch is named by its run while batches of another lane begin and end, until it continues', async () => {
  const hosts = { default: { connections: 2, requestsPerSecond: 1 } };
  await pipeline.temporal(
    ...['workflow', 'start', '--type', 'runPipeline', '--workflow-id', 'two'],
    ...['--task-queue', 'artemis-paused-pipeline'],
    ...['--input', JSON.stringify({ catalog: await writeCatalogOfTwo(), hosts })],
  );
  await pipeline.when((run) => run.stored >= 2);
  const batch = await pendingWhen(
    pipeline,
    'two-download',
    ({ activityType, state }) => activityType.name === 'downloadBatch' && state.endsWith('STARTED'),
  );
  const { activityId } = batch;
  const ids = ['--workflow-id', 'two-download', '--activity-id', activityId];
  await pipeline.temporal('activity', 'pause', ...ids, '--reason', 'a call');
  const told = await pipeline.when((run) => run.step?.detail?.includes('is paused') === true);
  expect(told).toMatchObject({ state: 'running', step: { name: 'download', code: null } });
  expect(told.step?.detail).toContain(
    `${activityId} (downloadBatch) is paused by an operator (a call)`,
  );
  // Batches of the other lane end meanwhile.
  for (let look = 0; look < 60; look += 1) {
    await delay(250);
    const { step } = await pipeline.when(() => true);
    expect(step?.detail).toContain(activityId);
  }
  const later = await pipeline.when((run) => run.stored > told.stored + 5);
  expect(later.step?.detail).toContain(`temporal activity unpause ${ids.join(' ')}`);
  const page = await pipeline.temporal('workflow', 'metadata', '--workflow-id', 'two');
  expect(page).toContain(activityId);
  await pipeline.temporal('activity', 'unpause', ...ids);
  await pipeline.when((run) => run.step?.name === 'download' && run.step.detail === null);
  await pipeline.setDefaultBudget('two', FASTER);
  const ended = await pipeline.when((run) => run.state === 'completed', 90);
  expect(pipeline.summary(ended.runId).counts).toMatchObject({ images: COUNT, pending: 0 });
}, 240_000);
