/** The step `aggregates`: models and checks as a part of runs. */
import fs from 'node:fs';
import path from 'node:path';
import { Pipeline } from '../../helpers/runs/pipeline';

const COUNT = 12;
const STEPS = 'ingest,download,aggregates,publish';

let pipeline: Pipeline;
let catalog: string;
beforeAll(async () => {
  pipeline = await Pipeline.onSharedServer({ ARTEMIS_QUEUE_PREFIX: 'artemis-aggregates' });
  catalog = path.join(pipeline.root, await pipeline.writeCatalog(COUNT));
  await pipeline.up();
});
afterAll(() => pipeline.dispose());

function writeModel(name: string, text: string): void {
  const file = path.join(pipeline.root, 'models', name);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, text);
}

describe('a run with the step aggregates', () => {
  it('publishes tables that contain its own images, and ends with 3 when a check fails', async () => {
    writeModel('artists.sql', 'SELECT artist, count(*) AS images FROM catalog_row GROUP BY artist');
    writeModel('checks/no_image.sql', "FROM image WHERE state <> 'nonsense' LIMIT 7");
    const { code, stderr } = await pipeline.run('run', catalog, '--steps', STEPS);
    expect(stderr).toContain('the check no_image failed: 7 rows');
    expect(code).toBe(3);
    const [found] = await pipeline.query<object>(
      `SELECT (SELECT sum(images)::INT FROM artists) AS by_artist, (SELECT sum(images)::INT FROM by_host) AS by_host,
         (SELECT state FROM check_result WHERE name = 'no_image') AS state`,
    );
    expect(found).toEqual({ by_artist: COUNT, by_host: COUNT, state: 'failed' });
  });

  it('records in derived_from which run made each table', async () => {
    const run = await pipeline.when(({ state }) => state === 'completed');
    const rows = await pipeline.query<object>(
      "SELECT DISTINCT run_id FROM derived_from WHERE table_name IN ('artists', 'by_host', 'model')",
    );
    expect(rows).toEqual([{ run_id: run.runId }]);
    expect(pipeline.summary(run.runId).models).toMatchObject({ failed: 0, checksFailed: 1 });
  });

  it('leaves its tables to a later run without the step', async () => {
    fs.rmSync(path.join(pipeline.root, 'models', 'checks', 'no_image.sql'));
    const { code } = await pipeline.run('run', catalog, '--steps', 'ingest,publish');
    expect(code).toBe(0);
    expect(await pipeline.query<object>('SELECT sum(images)::INT AS n FROM artists')).toEqual([
      { n: COUNT },
    ]);
  });

  it('takes the catalog and the input of the last run where no catalog is named', async () => {
    const requests = pipeline.origin.requests().length;
    writeModel('artists.sql', 'SELECT count(DISTINCT artist)::INT AS artists FROM catalog_row');
    const { code, stderr } = await pipeline.run('run', '--steps', 'aggregates,publish');
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
    expect(await pipeline.query<object>('SELECT artists > 1 AS many FROM artists')).toEqual([
      { many: true },
    ]);
    expect(pipeline.origin.requests()).toHaveLength(requests);
    const other = await pipeline.run('run', '--collection', 'other');
    expect(other.stderr).toMatch(/no run has read one of the collection "?other/);
    expect(other.code).toBe(2);
  });

  it('is refused before anything starts when a model names a table that there is not', async () => {
    writeModel(
      'artists.sql',
      'SELECT artist,\n  count(*) AS many FROM catalog_rows GROUP BY artist',
    );
    const before = (await pipeline.status()).runs.length;
    const { code, stderr } = await pipeline.run('run', catalog, '--steps', STEPS);
    expect(stderr).toMatch(/models\/artists\.sql:2:\d+: .*catalog_rows/);
    expect({ code, runs: (await pipeline.status()).runs.length }).toEqual({
      code: 2,
      runs: before,
    });
  });

  it('parks with the place of a mistake, publishes the others, and takes the corrected file', async () => {
    await pipeline.temporal(
      ...['workflow', 'start', '--type', 'runPipeline', '--workflow-id', 'mistaken'],
      ...['--task-queue', 'artemis-aggregates-pipeline', '--input'],
      JSON.stringify({
        catalog: path.relative(pipeline.root, catalog),
        steps: ['aggregates', 'publish'],
      }),
    );
    const { step } = await pipeline.when(({ state }) => state === 'parked');
    expect(step).toMatchObject({ name: 'aggregates', code: 'model_failed' });
    expect(step?.detail).toMatch(/^models\/artists\.sql:2:\d+: .*catalog_rows/);
    expect(await pipeline.query<object>("SELECT state FROM model WHERE name = 'by_host'")).toEqual([
      { state: 'built' },
    ]);
    writeModel('artists.sql', 'SELECT artist, count(*) AS many FROM catalog_row GROUP BY artist');
    await pipeline.temporal(
      ...['workflow', 'update', 'execute', '--workflow-id', 'mistaken'],
      ...['--name', 'retryStep', '--input', JSON.stringify({ step: 'aggregates' })],
    );
    const { runId } = await pipeline.when(({ state }) => state === 'completed');
    expect(pipeline.summary(runId).models).toMatchObject({ failed: 0, skipped: 0 });
    expect(await pipeline.query<object>('SELECT sum(many)::INT AS n FROM artists')).toEqual([
      { n: COUNT },
    ]);
    await pipeline.expectVerified();
  });
});
