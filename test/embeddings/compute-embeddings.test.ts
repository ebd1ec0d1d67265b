/** Stored files and a model become a segment: a real warehouse, a real model, real processes. */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import sharp from 'sharp';
import { checkEmbeddingModel, computeEmbeddings } from '../../src/embeddings/compute-embeddings';
import { markIntact, stampSegments } from '../../src/files/embeddings/intact-segments';
import { segmentsIn } from '../../src/files/embeddings/segments';
import { writeMeansModel } from '../helpers/images/tiny-onnx';
import { database, ledgerLine, WarehouseFixture } from '../warehouse/warehouse-fixture';

let fixture: WarehouseFixture;
beforeEach(() => {
  fixture = new WarehouseFixture();
});
afterEach(() => {
  fixture.remove();
});

async function storePlain(colours: Readonly<Record<string, string>>): Promise<void> {
  const ids = Object.keys(colours);
  await fixture.merge(
    'r1',
    ids.map((id) => ({ id, url: `http://h/${id}` })),
  );
  const lines = await Promise.all(
    Object.entries(colours).map(async ([id, background]) => {
      const create = { width: 40, height: 40, channels: 3, background } as const;
      const bytes = await sharp({ create }).png().toBuffer();
      const file = `raw/images/thumbs/${id}.png`;
      fs.mkdirSync(path.dirname(fixture.path(file)), { recursive: true });
      fs.writeFileSync(fixture.path(file), bytes);
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      return ledgerLine({ id, path: file, sha256, bytes: bytes.length });
    }),
  );
  fixture.append('r1', lines);
  await fixture.warehouse.commitLedgers({ warehouseId: 'w', runId: 'r1' });
  await fixture.query('SELECT 1', true);
}

async function segmentRows(): Promise<readonly object[]> {
  const files = fixture.path('embeddings', '*', '*.parquet');
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const answer = await connection.runAndReadAll(
    `SELECT code, detail, embedding FROM read_parquet('${files}') ORDER BY code NULLS FIRST`,
  );
  const rows = answer.getRowObjectsJson();
  connection.closeSync();
  instance.closeSync();
  return rows;
}

/** Overwrites the numbers of a column of a segment, and no other column of it. */
async function damageNumbers(segment: string, column = 'embedding%'): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const answer = await connection.runAndReadAll(
    `SELECT data_page_offset::INTEGER, total_compressed_size::INTEGER
     FROM parquet_metadata('${segment}') WHERE path_in_schema LIKE '${column}'`,
  );
  const [[from, size] = []] = answer.getRows();
  connection.closeSync();
  instance.closeSync();
  const bytes = fs.readFileSync(segment);
  fs.writeFileSync(segment, bytes.fill(0, Number(from), Number(from) + Number(size)));
}

it('a file for which the model gives no finite numbers fails alone, and its segment says why', async () => {
  await storePlain({ white: '#fff', black: '#000' });
  // The logarithm of black is minus infinity.
  const file = writeMeansModel(fixture.path('model'), { operators: ['Log'] });
  const { version } = await checkEmbeddingModel({ dataRoot: fixture.root, file });
  const result = await computeEmbeddings({
    ...{ dataRoot: fixture.root, runId: 'r1', after: null, timeBoxSeconds: 60, pixels: 1e6 },
    ...{ database, file, version, target: fixture.path('tmp', 'embeddings.duckdb') },
  });
  expect(result).toMatchObject({ left: 0, whole: { isWritten: true, files: 1, failed: 1 } });
  expect(await segmentRows()).toEqual([
    { code: null, detail: null, embedding: [0, 0, 0] },
    {
      code: 'model_output',
      detail: 'the model gave 3 of 3 numbers that are infinite or not a number',
      embedding: null,
    },
  ]);
});

it('a segment of which only the numbers are damaged is put aside, and its files are computed again', async () => {
  await storePlain({ white: '#fff', black: '#000' });
  const file = writeMeansModel(fixture.path('model'), { cell: 8 });
  const { version } = await checkEmbeddingModel({ dataRoot: fixture.root, file });
  const target = fixture.path('tmp', 'embeddings.duckdb');
  const compute = () =>
    computeEmbeddings({
      ...{ dataRoot: fixture.root, runId: 'r1', after: null, timeBoxSeconds: 60, pixels: 1e6 },
      ...{ database, file, version, target },
    });
  expect(await compute()).toMatchObject({ computed: 2, whole: { files: 2 } });
  const whole = await segmentRows();
  const [segment = ''] = segmentsIn(fixture.path('embeddings', version.slice(0, 16)));
  await damageNumbers(segment);
  const stretch = await compute();
  expect(stretch).toMatchObject({ computed: 0, left: 2, next: null, whole: null });
  expect(fs.readdirSync(fixture.path('quarantine'))).toHaveLength(1);
  expect(await compute()).toMatchObject({ computed: 2, whole: { files: 2 } });
  expect(await segmentRows()).toEqual(whole);
});

it('after an upgrade that changes how pixels are decoded every file is computed again', async () => {
  await storePlain({ white: '#fff', black: '#000' });
  const file = writeMeansModel(fixture.path('model'));
  const { version } = await checkEmbeddingModel({ dataRoot: fixture.root, file });
  const compute = () =>
    computeEmbeddings({
      ...{ dataRoot: fixture.root, runId: 'r1', after: null, timeBoxSeconds: 60, pixels: 1e6 },
      ...{ database, file, version, target: fixture.path('tmp', 'embeddings.duckdb') },
    });
  expect(await compute()).toMatchObject({ computed: 2 });
  // Programs before the upgrade named the folder by the two files alone.
  const hash = createHash('sha256').update(fs.readFileSync(file));
  const former = hash.update(fs.readFileSync(fixture.path('model', 'means.json'))).digest('hex');
  fs.renameSync(
    fixture.path('embeddings', version.slice(0, 16)),
    fixture.path('embeddings', former.slice(0, 16)),
  );
  expect(await compute()).toMatchObject({ computed: 2, whole: { files: 2 } });
  expect(await compute()).toMatchObject({ computed: 0 });
});

describe('segments of a collection that has not changed', () => {
  let folder: string;
  let compute: () => ReturnType<typeof computeEmbeddings>;
  beforeEach(async () => {
    await storePlain({ white: '#fff', black: '#000' });
    const file = writeMeansModel(fixture.path('model'), { cell: 8 });
    const { version } = await checkEmbeddingModel({ dataRoot: fixture.root, file });
    folder = fixture.path('embeddings', version.slice(0, 16));
    compute = () =>
      computeEmbeddings({
        ...{ dataRoot: fixture.root, runId: 'r1', after: null, timeBoxSeconds: 60, pixels: 1e6 },
        ...{ database, file, version, target: fixture.path('tmp', 'embeddings.duckdb') },
      });
    expect(await compute()).toMatchObject({ computed: 2, read: [] });
  });

  it('are read once, and again after they were written to', async () => {
    const segments = segmentsIn(folder);
    expect(await compute()).toMatchObject({ computed: 0, read: segments });
    expect(await compute()).toMatchObject({ computed: 0, read: [] });
    const [segment = ''] = segments;
    fs.writeFileSync(segment, fs.readFileSync(segment));
    expect(await compute()).toMatchObject({ computed: 0, read: segments });
  });

  it('are computed again when the numbers of one with a mark are damaged and the table is written', async () => {
    const [segment = ''] = segmentsIn(folder);
    await damageNumbers(segment, 'projected%');
    // As on a disk that loses bytes: nothing has written to the file.
    markIntact(fixture.root, folder, await stampSegments([segment]));
    expect(await compute()).toMatchObject({ damaged: [segment], left: 2, whole: null });
    expect(await compute()).toMatchObject({ computed: 2, whole: { files: 2 } });
  });
});
