/**
 * Every query of docs/cookbook.md, and those of README.md with their output, on a collection that
 * was downloaded twice: with copies, failures, gaps, and a catalog that changed in between.
 */
import fs from 'node:fs';
import path from 'node:path';
import { faultlessUrls } from '../helpers/tate-catalog';
import { Pipeline } from '../helpers/pipeline';

const COUNT = 60;
const STEPS = 'ingest,download,features,aggregates,publish';
const ROOT = path.join(__dirname, '../..');

let pipeline: Pipeline;
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
afterAll(() => pipeline.dispose());

interface Recipe {
  readonly title: string;
  readonly sql: string;
}

function recipes(): readonly Recipe[] {
  const text = fs.readFileSync(path.join(ROOT, 'docs/cookbook.md'), 'utf8');
  const found = text.matchAll(/^## ([^\n]+)\n.*?```sql\n(.*?)\n```/gms);
  return [...found].map(([, title = '', sql = '']) => ({ title, sql }));
}

/** The blocks of README.md that begin with a query and go on with its output. */
function readmeQueries(): readonly { readonly sql: string; readonly output: string }[] {
  const text = fs.readFileSync(path.join(ROOT, 'README.md'), 'utf8');
  const found = text.matchAll(/^npx artemis-pipeline query "([^"]+)"\n(┌.*?┘\n)/gms);
  return [...found].map(([, sql = '', output = '']) => ({ sql, output }));
}

function rowsOf(title: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const recipe = recipes().find((one) => one.title === title);
  if (recipe === undefined) throw new Error(`the cookbook has no ${title}`);
  return pipeline.query(recipe.sql);
}

it('the cookbook has twenty queries', () => {
  expect(recipes()).toHaveLength(20);
});

it.each(recipes().map(({ title, sql }) => [title, sql]))('%s has an answer', async (_, sql) => {
  expect((await pipeline.query(sql)).length).toBeGreaterThan(0);
});

it('finds what was planted', async () => {
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
