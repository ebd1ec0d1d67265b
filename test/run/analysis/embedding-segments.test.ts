/** `verify` and `prune` know the segments of embeddings. */
import fs from 'node:fs';
import path from 'node:path';
import type { Check } from '../../../src/verify/check-result';
import { stampSegments, markIntact } from '../../../src/files/embeddings/intact-segments';
import { segmentsIn } from '../../../src/files/embeddings/segments';
import { startPlantedCopies, writePlantedCatalog } from '../../helpers/images/planted-copies';
import type { PlantedCopies } from '../../helpers/images/planted-copies';
import { writeMeansModel } from '../../helpers/images/tiny-onnx';
import { Pipeline } from '../../helpers/runs/pipeline';

const OWN = 6;
/** Distinct files: the pictures, three smaller ones, a plain one. */
const FILES = OWN + 4;

let planted: PlantedCopies;
let pipeline: Pipeline;
let former: string;
let present: string;
beforeAll(async () => {
  planted = await startPlantedCopies(OWN);
  pipeline = await Pipeline.onSharedServer({
    ARTEMIS_QUEUE_PREFIX: 'artemis-segments',
    ARTEMIS_ALLOW_PRIVATE_HOSTS: '127.0.0.0/8',
    ARTEMIS_ALLOWED_PORTS: String(planted.server.port),
  });
  fs.mkdirSync(pipeline.root, { recursive: true });
  const catalog = writePlantedCatalog(pipeline.root, planted);
  writeMeansModel(models());
  await runSteps(catalog, 'ingest,download,embeddings,publish');
  [former = ''] = fs.readdirSync(embeddings());
  writeMeansModel(models(), { cell: 8 });
  await runSteps(catalog, 'embeddings,publish');
  present = fs.readdirSync(embeddings()).find((name) => name !== former) ?? '';
}, 180_000);
afterAll(async () => {
  await pipeline.dispose();
  await planted.server.close();
});

const models = (): string => path.join(pipeline.folder, 'models');
const embeddings = (...parts: readonly string[]): string =>
  path.join(pipeline.root, 'embeddings', ...parts);

async function runSteps(catalog: string, steps: string): Promise<void> {
  const model = { ARTEMIS_EMBEDDING_MODEL: path.join(models(), 'means.onnx') };
  const { code, stderr } = await pipeline.startWith(model, 'run', catalog, '--steps', steps)
    .finished;
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
}

/** The only segment of the published model. */
function segment(): string {
  const [name = '', ...others] = segmentsIn(embeddings(present));
  expect(others).toEqual([]);
  return name;
}

async function checkOfEmbeddings(options = { deep: false }): Promise<Check | undefined> {
  const { checks } = await pipeline.verify(options);
  return checks.find(({ id }) => id === 'K12');
}

it('verify reads both models, and finds each published embedding in a segment', async () => {
  const checked = 2 + FILES;
  expect(await checkOfEmbeddings()).toMatchObject({ ok: true, checked });
  expect(await checkOfEmbeddings({ deep: true })).toMatchObject({ ok: true, checked });
});

it('verify reports a damaged segment, and each embedding that only this one has', async () => {
  const file = segment();
  const bytes = fs.readFileSync(file);
  fs.writeFileSync(file, 'no Parquet');
  const check = await checkOfEmbeddings();
  expect(check).toMatchObject({ ok: false, problems: 1 + FILES });
  expect(check?.examples[0]).toContain(
    `embeddings/${present}/${path.basename(file)} cannot be read`,
  );
  expect(check?.examples[1]).toMatch(/^the embedding of the file \w{64} is in no segment/);
  const { code, stderr } = await pipeline.run('verify');
  expect([code, stderr]).toEqual([4, expect.stringContaining('--steps embeddings,publish')]);
  fs.writeFileSync(file, bytes);
});

it('verify reports a segment with the numbers of another model', async () => {
  const file = segment();
  const bytes = fs.readFileSync(file);
  const [other = ''] = segmentsIn(embeddings(former));
  fs.copyFileSync(other, file);
  const check = await checkOfEmbeddings();
  expect(check).toMatchObject({ ok: false, problems: FILES });
  expect(check?.examples[0]).toMatch(/^the embedding of the file \w{64} has other numbers/);
  fs.writeFileSync(file, bytes);
});

it('a deep check reads the numbers of each segment', async () => {
  const file = segment();
  const bytes = fs.readFileSync(file);
  const damaged = Buffer.from(bytes);
  // The first column is that of the sha256, and the numbers are in the middle of the file.
  damaged.fill(0, Math.floor(bytes.length * 0.4), Math.floor(bytes.length * 0.5));
  fs.writeFileSync(file, damaged);
  // As on a disk that loses bytes: the mark that the segment is intact holds.
  markIntact(pipeline.root, embeddings(present), await stampSegments([file]));
  expect(fs.existsSync(embeddings(present, 'intact.json'))).toBe(true);
  expect(await checkOfEmbeddings({ deep: true })).toMatchObject({ ok: false });
  expect(fs.existsSync(embeddings(present, 'intact.json'))).toBe(false);
  fs.writeFileSync(file, bytes);
});

it('prune keeps the segments of another model while they are younger than the published table', async () => {
  const [file = ''] = segmentsIn(embeddings(former));
  const { atime, mtime } = fs.statSync(file);
  fs.utimesSync(file, atime, new Date());
  expect((await pipeline.run('prune', '--dry-run')).stdout).not.toContain(former);
  fs.utimesSync(file, atime, mtime);
});

it('prune deletes the segments of a model that is published no more', async () => {
  const { stdout } = await pipeline.run('prune');
  expect(stdout).toContain('embeddings of former models (1, ');
  expect(stdout).toContain(`  embeddings/${former}  `);
  expect(fs.readdirSync(embeddings())).toEqual([present]);
  expect(await checkOfEmbeddings()).toMatchObject({ ok: true, checked: 1 + FILES });
});
