/**
 * Every query of docs/cookbook.md, and those of README.md with their output, on a collection that
 * was downloaded twice: with copies, failures, gaps, and a catalog that changed in between. Those
 * about groups of images have a collection with planted near duplicates.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { faultlessUrls } from '../../helpers/images/tate-catalog';
import { Pipeline } from '../../helpers/runs/pipeline';
import { writeMeansModel } from '../../helpers/images/tiny-onnx';
import { startPlantedCopies, type PlantedCopies } from '../../helpers/images/planted-copies';

const COUNT = 60;
const STEPS = 'ingest,download,features,aggregates,publish';
const ROOT = path.join(__dirname, '../../..');

let pipeline: Pipeline;
let planted: PlantedCopies;
/** Its collection has the pictures of `planted`, which the queries about groups are asked of. */
let grouped: Pipeline;
let models: string;
/** What `query` prints for the queries of README.md after the first run. */
const printed = new Map<string, string>();

/** Two further ids with URLs that give the bytes of the first faultless image. */
async function copies(): Promise<readonly string[]> {
  const [url = ''] = await faultlessUrls(COUNT, pipeline.origin.port);
  const [, place = '', id = ''] = /^(.*\/)([^/]+)\.jpg$/.exec(url) ?? [];
  const hex = Array.from(id, (digit) => `%${digit.charCodeAt(0).toString(16)}`);
  return [`${hex.join('')}.jpg`, `${hex[0] ?? ''}${id.slice(1)}.jpg`].map(
    (name, n) => `copy-${n},${place}${name},Nobody`,
  );
}

beforeAll(async () => {
  pipeline = await Pipeline.onSharedServer({ ARTEMIS_QUEUE_PREFIX: 'artemis-cookbook' });
  const catalog = path.join(pipeline.root, await pipeline.writeCatalog(COUNT));
  await pipeline.up();
  const gaps = ['beyond,http://10.0.0.1/x.jpg,Nobody', 'without,,Nobody', ',http://10.0.0.1/y,'];
  const rows = fs.readFileSync(catalog, 'utf8').trimEnd().split('\n');
  const write = (lines: readonly string[]): void => {
    fs.writeFileSync(catalog, `${lines.join('\n')}\n`);
  };
  write([...rows, ...(await copies()), ...gaps]);
  expect((await pipeline.run('run', catalog, '--steps', STEPS)).code).toBe(3);
  for (const { sql } of readmeQueries()) printed.set(sql, await pipeline.expectFine('query', sql));
  // One row is gone, one is new, and the first copy has the URL of another image.
  const urls = await faultlessUrls(COUNT, pipeline.origin.port);
  const [first = '', ...others] = await copies();
  const changed = first.replace(/http[^,]*/, urls[1] ?? '');
  write([...rows.slice(0, -1), changed, ...others, ...gaps, `new,${urls[2] ?? ''},Nobody`]);
  expect((await pipeline.run('run', catalog, '--steps', STEPS)).code).toBe(3);
}, 300_000);

beforeAll(async () => {
  planted = await startPlantedCopies(8);
  models = fs.mkdtempSync(path.join(os.tmpdir(), 'artemis-models-'));
  grouped = await Pipeline.onSharedServer({
    ARTEMIS_QUEUE_PREFIX: 'artemis-cookbook-groups',
    ARTEMIS_EMBEDDING_MODEL: writeMeansModel(models, { cell: 8 }),
    ARTEMIS_ALLOW_PRIVATE_HOSTS: '127.0.0.0/8',
    ARTEMIS_ALLOWED_PORTS: String(planted.server.port),
  });
  const rows = Object.entries(planted.images).map(([id, url]) => `${id},${url},The picture ${id}`);
  const catalog = path.join(grouped.root, 'planted.csv');
  fs.mkdirSync(grouped.root, { recursive: true });
  fs.writeFileSync(catalog, `${['id,url,title', ...rows].join('\n')}\n`);
  const steps = 'ingest,download,features,embeddings,clusters,publish';
  await grouped.expectFine('run', catalog, '--steps', steps);
}, 300_000);

afterAll(async () => {
  await pipeline.dispose();
  await grouped.dispose();
  await planted.server.close();
  fs.rmSync(models, { recursive: true });
});

interface Recipe {
  readonly title: string;
  readonly sql: string;
  readonly isOfGroups: boolean;
}

function recipes(): readonly Recipe[] {
  const text = fs.readFileSync(path.join(ROOT, 'docs/cookbook.md'), 'utf8');
  const sections = text.split(/^## /m).slice(1);
  return sections.map((section) => {
    const [, title = '', sql = ''] = /^([^\n]+)\n.*?```sql\n(.*?)\n```/s.exec(section) ?? [];
    const isOfGroups = /Needs the step `(clusters|embeddings)`\./.test(section);
    return { title, sql, isOfGroups };
  });
}

/** The blocks of README.md that begin with a query and go on with its output. */
function readmeQueries(): readonly { readonly sql: string; readonly output: string }[] {
  const text = fs.readFileSync(path.join(ROOT, 'README.md'), 'utf8');
  const found = text.matchAll(/^npx artemis-pipeline query "([^"]+)"\n(┌.*?┘\n)/gms);
  return [...found].map(([, sql = '', output = '']) => ({ sql, output }));
}

type Rows = readonly Readonly<Record<string, unknown>>[];

function rowsOf(title: string): Promise<Rows> {
  const recipe = recipes().find((one) => one.title === title);
  if (recipe === undefined) throw new Error(`the cookbook has no ${title}`);
  return (recipe.isOfGroups ? grouped : pipeline).query(recipe.sql);
}

it('the cookbook has twenty-four queries', () => {
  expect(recipes()).toHaveLength(24);
  const text = (file: string): string => fs.readFileSync(path.join(ROOT, file), 'utf8');
  expect(text('README.md')).toContain('has twenty-four queries');
  expect(text('docs/cookbook.md')).toContain('Twenty-four questions');
  expect(recipes().filter(({ isOfGroups }) => isOfGroups)).toHaveLength(4);
});

it.each(recipes().map(({ title }) => title))('%s has an answer', async (title) => {
  expect((await rowsOf(title)).length).toBeGreaterThan(0);
});

it('the cookbook finds the groups that were planted', async () => {
  const near = await rowsOf('Near duplicates with their titles');
  expect(near.map(({ size }) => size)).toEqual([4, 2, 2]);
  // `query` gives a list as text.
  expect(JSON.parse(String(near[0]?.images))).toEqual(
    expect.arrayContaining(['own0: The picture own0', 'small0: The picture small0']),
  );
  const costly = await rowsOf('Copies that cost most bytes');
  expect(costly.map(({ kind, files }) => ({ kind, files }))).toEqual([
    { kind: 'near', files: 2 },
    { kind: 'exact', files: 1 },
    { kind: 'near', files: 2 },
    { kind: 'near', files: 2 },
  ]);
  const bytes = costly.map(({ wasted_bytes: wasted }) => Number(wasted));
  expect(bytes).toEqual([...bytes].sort((a, b) => b - a));
  const alike = await rowsOf('Groups of pictures that look alike');
  const byModel = await rowsOf('Pictures that a model finds alike');
  const distances = byModel.map(({ distance }) => Number(distance));
  expect(distances).toEqual([...distances].sort((a, b) => a - b));
  expect(byModel.at(-1)).toMatchObject({ source_image_id: 'plain' });
  const images = alike.reduce((sum, { size }) => sum + Number(size), 0);
  expect(images).toBe(Object.keys(planted.images).length);
  const typical = alike.flatMap((row) => JSON.parse(String(row.typical)) as readonly string[]);
  expect(typical).toContain('plain');
});

it('the cookbook finds what was planted', async () => {
  expect(await rowsOf('Copies')).toContainEqual(expect.objectContaining({ images: 2 }));
  expect(await rowsOf('Images whose file changed')).toEqual([
    expect.objectContaining({ source_image_id: 'copy-0' }),
  ]);
  expect(await rowsOf('Images that the last catalog added')).toEqual([
    expect.objectContaining({ source_image_id: 'new', state: 'stored' }),
  ]);
  expect(await rowsOf('Images that left the catalog')).toHaveLength(1);
  const gaps = await rowsOf('Gaps in the catalog');
  expect(gaps).toContainEqual(
    expect.objectContaining({ gap: 'no_url', source_image_id: 'without' }),
  );
  expect(gaps).toContainEqual(expect.objectContaining({ gap: 'rejected', code: 'bad_id' }));
  expect((await rowsOf('Hosts by failure rate'))[0]).toMatchObject({
    host: '10.0.0.1',
    failed_share: 1,
  });
  const sharpness = (await rowsOf('The blurriest pictures')).map((row) => Number(row.sharpness));
  expect(sharpness).toEqual([...sharpness].sort((a, b) => a - b));
});

it('the queries of README.md print what stands there', () => {
  const shown = readmeQueries();
  expect(shown).toHaveLength(3);
  expect(shown.map(({ sql }) => printed.get(sql))).toEqual(shown.map(({ output }) => output));
});
