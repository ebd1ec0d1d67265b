/** Models are bound to the columns of the catalog before a run downloads or computes anything. */
import fs from 'node:fs';
import path from 'node:path';
import { Pipeline } from '../../helpers/runs/pipeline';

const COUNT = 12;
const PREFIX = 'artemis-bound';

let pipeline: Pipeline;
let catalog: string;
beforeAll(async () => {
  pipeline = await Pipeline.onSharedServer({ ARTEMIS_QUEUE_PREFIX: PREFIX });
  catalog = path.join(pipeline.root, await pipeline.writeCatalog(COUNT));
  await pipeline.up();
});
afterAll(() => pipeline.dispose());

const MISTAKEN = 'SELECT artist,\n  painter\nFROM catalog_row';
const CORRECT = 'SELECT artist, count(*)::INT AS images FROM catalog_row GROUP BY artist';

function writeModel(text: string): void {
  const folder = path.join(pipeline.root, 'models');
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(folder, 'artists.sql'), text);
}

async function update(workflowId: string, name: string, input: object): Promise<void> {
  await pipeline.temporal(
    ...['workflow', 'update', 'execute', '--workflow-id', workflowId, '--name', name],
    ...['--input', JSON.stringify(input)],
  );
}

async function scheduledActivities(workflowId: string): Promise<readonly string[]> {
  const history = await pipeline.temporal(
    ...['workflow', 'show', '--workflow-id', workflowId, '--output', 'json'],
  );
  const { events } = JSON.parse(history) as {
    readonly events: readonly {
      readonly activityTaskScheduledEventAttributes?: { readonly activityType: { name: string } };
    }[];
  };
  return events.flatMap(({ activityTaskScheduledEventAttributes: scheduled }) =>
    scheduled === undefined ? [] : [scheduled.activityType.name],
  );
}

it('a run parks before its download with the place of an unknown column, and goes on with the corrected file', async () => {
  writeModel(MISTAKEN);
  const steps = 'ingest,download,aggregates,publish';
  const { code, stderr } = await pipeline.run(
    ...['run', catalog, '--steps', steps, '--workflow-id', 'unknown-column'],
  );
  expect(code).toBe(7);
  expect(stderr).toContain('The step download is parked: model_failed: models/artists.sql:2:3: ');
  expect(stderr).toContain('"painter"');
  // What DuckDB says ends with a list of columns.
  expect(stderr).toMatch(/"\. Correct the file, then retry the step: /);
  expect(stderr).toContain('nothing has been downloaded yet');
  expect(pipeline.origin.requests()).toHaveLength(0);
  const { step } = await pipeline.whenRunOf('unknown-column', ({ state }) => state === 'parked');
  expect(step).toMatchObject({ name: 'download', code: 'model_failed' });

  writeModel(CORRECT);
  await update('unknown-column', 'retryStep', { step: 'download' });
  const { runId } = await pipeline.whenRunOf(
    'unknown-column',
    ({ state }) => state === 'completed',
  );
  expect(pipeline.summary(runId).models).toMatchObject({ failed: 0, skipped: 0 });
  expect(await pipeline.query<object>('SELECT sum(images)::INT AS n FROM artists')).toEqual([
    { n: COUNT },
  ]);
  await pipeline.expectVerified();
});

it('a run whose step aggregates is skipped downloads in spite of a mistake', async () => {
  writeModel(MISTAKEN);
  const id = 'without-models';
  await pipeline.temporal(
    ...['workflow', 'start', '--type', 'runPipeline', '--workflow-id', id],
    ...['--task-queue', `${PREFIX}-pipeline`, '--input'],
    JSON.stringify({
      catalog: path.relative(pipeline.root, catalog),
      steps: ['features', 'aggregates', 'publish'],
    }),
  );
  const { step } = await pipeline.whenRunOf(id, ({ state }) => state === 'parked');
  expect(step).toMatchObject({ name: 'features', code: 'model_failed' });
  expect(step?.detail).toContain('no features have been computed yet');
  await update(id, 'skipStep', { step: 'aggregates', reason: 'later' });
  await update(id, 'retryStep', { step: 'features' });
  await pipeline.whenRunOf(id, ({ state }) => state === 'completed');
  expect(await pipeline.query<object>('SELECT count(*)::INT AS n FROM image_feature')).toEqual([
    { n: COUNT },
  ]);
});

it('a run without models to build, and one whose models were bound, bind nothing more', async () => {
  expect(await scheduledActivities('unknown-column')).toEqual(
    expect.arrayContaining(['bindModels', 'buildModels']),
  );
  writeModel(CORRECT);
  for (const [id, steps, bound] of [
    ['unbound', 'ingest,download,publish', 0],
    ['bound-once', 'ingest,download,features,aggregates,publish', 1],
  ] as const) {
    const words = ['run', catalog, '--steps', steps, '--workflow-id', id];
    expect((await pipeline.run(...words)).code).toBe(0);
    const scheduled = await scheduledActivities(id);
    expect(scheduled.filter((name) => name === 'bindModels')).toHaveLength(bound);
  }
});
