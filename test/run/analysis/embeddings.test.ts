/** The step `embeddings` in whole runs, with small models: a new one, a changed one, kills. */
import fs from 'node:fs';
import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import type { RunEntry } from '../../../src/contract/run-record';
import { segmentsIn } from '../../../src/files/embeddings/segments';
import { Pipeline, type Command } from '../../helpers/runs/pipeline';
import {
  startPlantedCopies,
  writePlantedCatalog,
  type PlantedCopies,
} from '../../helpers/images/planted-copies';
import { pendingActivities, pendingWhen } from '../../helpers/runs/pending-activities';
import { historyOf } from '../../helpers/runs/reset-run';
import { writeMeansModel } from '../../helpers/images/tiny-onnx';
import { until } from '../../helpers/until';

const OWN = 36;
/** Distinct files: the pictures, three smaller ones, a plain one. */
const FILES = OWN + 4;
const PREFIX = 'artemis-embeddings';
/** So short that each stretch has 16 files. */
const SHORT_STRETCHES = '0.001';

let planted: PlantedCopies;
let pipeline: Pipeline;
let models: string;
let catalog: string;
beforeAll(async () => {
  planted = await startPlantedCopies(OWN);
  pipeline = await Pipeline.onSharedServer({
    ARTEMIS_QUEUE_PREFIX: PREFIX,
    ARTEMIS_ALLOW_PRIVATE_HOSTS: '127.0.0.0/8',
    ARTEMIS_ALLOWED_PORTS: String(planted.server.port),
  });
  models = path.join(pipeline.folder, 'models');
  fs.mkdirSync(pipeline.root, { recursive: true });
  catalog = writePlantedCatalog(pipeline.root, planted);
});
afterAll(async () => {
  await pipeline.dispose();
  await planted.server.close();
});

const model = (): { readonly ARTEMIS_EMBEDDING_MODEL: string } => ({
  ARTEMIS_EMBEDDING_MODEL: path.join(models, 'means.onnx'),
});

interface Vector {
  readonly id: string;
  readonly model: string;
  readonly vector: readonly number[];
}

/** The embedding of each image, by its id. */
async function vectors(): Promise<ReadonlyMap<string, Vector>> {
  const rows = await pipeline.query<Omit<Vector, 'vector'> & { readonly vector: string }>(
    `SELECT source_image_id AS id, model, to_json(vector)::VARCHAR AS vector
     FROM embedding JOIN image ON thumb_sha256 = sha256`,
  );
  return new Map(
    rows.map((row) => [row.id, { ...row, vector: JSON.parse(row.vector) as number[] }]),
  );
}

async function maker(): Promise<string | undefined> {
  const [row] = await pipeline.query<{ readonly run: string }>(
    "SELECT run_id AS run FROM derived_from WHERE table_name = 'embedding'",
  );
  return row?.run;
}

async function runSteps(
  steps: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<{ readonly code: number | null; readonly stderr: string }> {
  const variables = { ...model(), ...settings };
  const { code, stderr } = await pipeline.startWith(variables, 'run', catalog, '--steps', steps)
    .finished;
  return { code, stderr };
}

/** What the run reported of its step, in the order of its history. */
async function progressDetails(workflowId: string): Promise<readonly string[]> {
  const history = JSON.stringify(await historyOf(pipeline, workflowId));
  const payloads = [...history.matchAll(/"data":"([^"]+)"/g)].map(([, data = '']) =>
    Buffer.from(data, 'base64').toString('utf8'),
  );
  return payloads.flatMap((text) =>
    [...text.matchAll(/"detail":"([^"]*)"/g)].map(([, detail = '']) => detail),
  );
}

it('a run whose model cannot be read ends with 2 before it downloads anything', async () => {
  const { code, stderr } = await runSteps('ingest,download,embeddings,publish');
  expect(code).toBe(2);
  expect(stderr).toContain(
    `ARTEMIS_EMBEDDING_MODEL: the ONNX file ${path.join(models, 'means.onnx')} cannot be read (ENOENT).`,
  );
  expect(fs.existsSync(path.join(pipeline.root, 'raw'))).toBe(false);
}, 180_000);

it('a run publishes what the model makes of its own images', async () => {
  writeMeansModel(models);
  const { code, stderr } = await runSteps('ingest,download,embeddings,publish');
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
  expect(stderr).toContain(
    `embeddings: ${FILES} files by means of 32 (${FILES} computed, 0 failed)`,
  );
  const found = await vectors();
  expect(found.size).toBe(Object.keys(planted.images).length);
  // The picture is of one colour, of which JPEG changes little.
  const [red = 0, green = 0, blue = 0] = found.get('plain')?.vector ?? [];
  expect([red * 255, green * 255, blue * 255].map(Math.round)).toEqual([90, 120, 30]);
  expect(found.get('copy0')?.vector).toEqual(found.get('own0')?.vector);
  expect(found.get('own1')?.vector).not.toEqual(found.get('own0')?.vector);
  await pipeline.expectVerified();
}, 180_000);

it('a run that finds nothing new computes nothing, and leaves the table as it is', async () => {
  const before = await maker();
  const { code, stderr } = await runSteps('embeddings,publish');
  expect(code).toBe(0);
  expect(stderr).toContain(`embeddings: ${FILES} files by means of 32 (0 computed, 0 failed)`);
  expect(await maker()).toBe(before);
}, 180_000);

it('a changed model computes every file again, and a long output is projected to 64 numbers', async () => {
  writeMeansModel(models, { cell: 4 });
  const { code, stderr } = await runSteps('embeddings,publish', {
    ARTEMIS_BATCH_SECONDS: SHORT_STRETCHES,
  });
  expect(code).toBe(0);
  expect(await progressDetails('planted')).toEqual(
    expect.arrayContaining([
      `16 files computed, ${FILES - 16} left`,
      `32 files computed, ${FILES - 32} left`,
    ]),
  );
  expect(stderr).toContain(
    `embeddings: ${FILES} files by means of 4 (${FILES} computed, 0 failed)`,
  );
  const found = await vectors();
  expect([...found.values()].every(({ vector }) => vector.length === 64)).toBe(true);
  expect([...new Set([...found.values()].map((one) => one.model))]).toEqual(['means of 4']);
  // A smaller copy is nearer to its picture than any other picture is.
  const own = found.get('own2')?.vector ?? [];
  const nearest = [...found.values()]
    .filter(({ id }) => id !== 'own2')
    .sort((a, b) => cosine(b.vector, own) - cosine(a.vector, own))[0];
  expect(nearest?.id).toBe('small2');
}, 180_000);

function cosine(a: readonly number[], b: readonly number[]): number {
  const dot = (x: readonly number[], y: readonly number[]): number =>
    x.reduce((sum, value, at) => sum + value * (y[at] ?? 0), 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}

describe('runs by a worker that is killed', () => {
  const settings = () => ({ ...model(), ARTEMIS_BATCH_SECONDS: SHORT_STRETCHES });

  async function startWorker(): Promise<Command> {
    const worker = pipeline.startWith(settings(), 'worker');
    await worker.says('workers are ready');
    return worker;
  }

  async function start(workflowId: string): Promise<void> {
    const input = { catalog: 'catalogs/planted.csv', steps: ['embeddings', 'publish'] };
    await pipeline.temporal(
      ...['workflow', 'start', '--type', 'runPipeline', '--workflow-id', workflowId],
      ...['--task-queue', `${PREFIX}-pipeline`, '--input', JSON.stringify(input)],
    );
  }

  const ended = (workflowId: string, state: RunEntry['state']): Promise<RunEntry> =>
    pipeline.whenRunOf(workflowId, (run) => run.state === state);

  /** The segments of the present model: the folder that is neither of the former ones. */
  function segments(former: readonly string[]): readonly string[] {
    const folder = path.join(pipeline.root, 'embeddings');
    const [present] = fs.readdirSync(folder).filter((name) => !former.includes(name));
    if (present === undefined) return [];
    return segmentsIn(path.join(folder, present));
  }

  async function rowsOf(files: readonly string[]): Promise<object> {
    const connection = await (await DuckDBInstance.create(':memory:')).connect();
    const list = files.map((file) => `'${file}'`).join(', ');
    const answer = await connection.runAndReadAll(
      `SELECT count(*)::INT AS rows, count(DISTINCT sha256)::INT AS files,
         any_value(len(embedding))::INT AS length FROM read_parquet([${list}])`,
    );
    const [row = {}] = answer.getRowObjectsJson();
    connection.closeSync();
    return row;
  }

  it('compute no file twice that is in a segment', async () => {
    const former = fs.readdirSync(path.join(pipeline.root, 'embeddings'));
    expect(former).toHaveLength(2);
    writeMeansModel(models, { cell: 8 });
    let worker = await startWorker();
    await start('killed');
    for (const count of [1, 2]) {
      await until(() => segments(former).length >= count, {
        within: 90,
        every: 2,
        saying: `${count} segments`,
      });
      worker.kill('SIGKILL');
      await worker.finished;
      worker = await startWorker();
    }
    const { embeddings } = await ended('killed', 'completed');
    expect(embeddings).toMatchObject({ model: 'means of 8', files: FILES, failed: 0 });
    expect(await rowsOf(segments(former))).toEqual({ rows: FILES, files: FILES, length: 48 });
    await until(() => fs.readdirSync(path.join(pipeline.root, 'tmp')).length === 0, {
      within: 60,
      saying: 'an empty tmp/',
    });
    await pipeline.expectVerified();
    worker.kill('SIGTERM');
    await worker.finished;
  }, 240_000);

  it('hold between stretches while an operator has paused them', async () => {
    const former = fs.readdirSync(path.join(pipeline.root, 'embeddings'));
    writeMeansModel(models, { cell: 16 });
    const worker = await startWorker();
    const update = (name: string): Promise<string> =>
      pipeline.temporal(
        ...['workflow', 'update', 'execute', '--workflow-id', 'held', '--name', name],
      );
    await start('held');
    await pendingWhen(
      pipeline,
      'held',
      ({ activityType }) => activityType.name === 'computeEmbeddings',
    );
    await update('pauseRun');
    let idle = 0;
    const isIdle = async (): Promise<boolean> => {
      idle = (await pendingActivities(pipeline, 'held')).length === 0 ? idle + 1 : 0;
      return idle >= 4;
    };
    await until(isIdle, { within: 60, every: 500, saying: 'the stretch under way to end' });
    const { state } = await ended('held', 'paused');
    const stretches = Math.ceil(FILES / 16);
    expect({ state, isLeft: segments(former).length < stretches }).toEqual({
      state: 'paused',
      isLeft: true,
    });
    await update('resumeRun');
    const { embeddings } = await ended('held', 'completed');
    expect(embeddings).toMatchObject({ files: FILES, computed: FILES, failed: 0 });
    await pipeline.expectVerified();
    worker.kill('SIGTERM');
    await worker.finished;
  }, 240_000);

  it('make a damaged segment again', async () => {
    const all = fs
      .readdirSync(path.join(pipeline.root, 'embeddings'), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.parquet'));
    for (const name of all)
      fs.writeFileSync(path.join(pipeline.root, 'embeddings', name), 'no Parquet');
    const { code, stderr } = await runSteps('embeddings,publish');
    expect(code).toBe(0);
    expect(stderr).toContain(`(${FILES} computed, 0 failed)`);
    expect((await vectors()).size).toBe(Object.keys(planted.images).length);
  }, 180_000);
});
