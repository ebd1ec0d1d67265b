/** The pages with the tables of the snapshot, by HTTP. */
import fs from 'node:fs';
import { ModelFixture } from '../models/model-fixture';
import { ledgerLine } from '../warehouse/warehouse-fixture';
import { readReferencePage } from '../reference/reference-page';
import { problemOf } from './read-page';
import { serveFolder, type ServedFolder } from './serve-folder';

/** More images than a page of rows shows. */
const COUNT = 130;
const SHA256 = 'ab'.repeat(32);
const HOSTILE = '<img src=x onerror=alert(1)>\u202E';

let fixture: ModelFixture;
let served: ServedFolder;
beforeAll(async () => {
  fixture = new ModelFixture();
  const images = Array.from({ length: COUNT }, (_, n) => ({
    id: `i/${n}`,
    url: `http://h/i/${n}`,
    title: n === 0 ? HOSTILE : `Title ${n}`,
  }));
  await fixture.prepare('r1', images);
  fs.writeFileSync(
    fixture.path('runs', 'r1', 'rejects.ndjson'),
    '{"record":131,"line":132,"id":"twice","code":"bad_row","detail":"2 fields instead of 3"}\n',
  );
  await fixture.warehouse.mergeCatalog(fixture.mergeInput('r1'));
  const stored = ['i/0', 'i/10'].map((id) => ledgerLine({ id, sha256: SHA256 }));
  fixture.append('r1', stored);
  await fixture.warehouse.commitLedgers({ warehouseId: 'w', runId: 'r1' });
  await fixture.publish();
  fixture.model('long_titles', '-- doc: Titles that are long.\nSELECT * FROM catalog_row');
  // Names that the pages themselves use.
  fixture.model('quality', 'SELECT 1 AS n');
  fixture.model('image_row', 'SELECT 7 AS seven');
  fixture.model('sizes', '-- doc: Sizes of my own.\nSELECT 1 AS from_pixels');
  fs.mkdirSync(fixture.path('derived'));
  await fixture.build({ target: fixture.path('derived', 'models.duckdb') });
  await fixture.publish();
  served = await serveFolder(fixture.root);
}, 60_000);
afterAll(async () => {
  await served.close();
  fixture.remove();
});

it('every table and view is listed with its rows, also those of models', async () => {
  const page = await served.page('/tables');
  const relations = await fixture.ask(
    `SELECT table_name AS name FROM duckdb_tables() WHERE database_name <> 'memory'
     UNION ALL SELECT view_name FROM duckdb_views() WHERE NOT internal`,
  );
  expect(relations.length).toBeGreaterThan(20);
  for (const { name } of relations) expect(page).toContain(`href="/tables?name=${String(name)}"`);
  expect(page).toContain('One row for each image, with everything that is known of it.');
  expect(page).toContain('Titles that are long.');
  expect(rowOf(page, 'image_state')).toContain(`<td class="number">${COUNT}</td>`);
  expect(rowOf(page, 'long_titles')).toContain(`<td class="number">${COUNT}</td>`);
});

it('a table has the types and descriptions of its columns, as the reference has them', async () => {
  const page = await served.page('/tables?name=dim_image');
  const [first] = readReferencePage('warehouse.md').table('dim_image');
  expect(first?.Meaning).toContain('Primary key.');
  expect(rowOf(page, 'source_image_id')).toContain('>VARCHAR<');
  expect(rowOf(page, 'source_image_id')).toContain('Primary key.');
  expect(rowOf(page, 'record')).toContain('>BIGINT<');
  const rows = await served.page('/tables?name=catalog_row');
  expect(rowOf(rows, 'title')).toContain('A column of the catalog, as text.');
});

it('every table of the reference is described with all its columns', async () => {
  for (const name of [
    'image',
    'fact_download',
    'etl_run',
    'by_host',
    'derived_from',
    'model',
    'check_result',
  ]) {
    const page = await served.page(`/tables?name=${name}`);
    const file = ['by_host', 'model', 'check_result'].includes(name) ? 'models.md' : 'warehouse.md';
    for (const { Column = '', Meaning = '' } of readReferencePage(file).table(name)) {
      const [words = ''] = /^[\w ]+/.exec(Meaning) ?? [];
      expect(rowOf(page, Column.replaceAll('`', ''))).toContain(words.trim());
    }
  }
});

it('a model of the user is described by its own first line, also in place of one of ours', async () => {
  const page = await served.page('/tables?name=sizes');
  expect(page).toContain('Sizes of my own.');
  expect(rowOf(page, 'from_pixels')).not.toContain('power of two');
});

it('rows are shown in pages, and ids and files lead to their images', async () => {
  const first = await served.page('/tables?name=image');
  expect(first).toContain('Rows 1 to 100');
  expect(first).toContain('href="/image?id=i%2F0"');
  expect(first).toContain(`href="/images?sha256=${SHA256}"`);
  expect(first).toContain('href="/runs/r1"');
  expect(first).toContain('href="/tables?name=image&amp;page=2"');
  const second = await served.page('/tables?name=image&page=2');
  expect(second).toContain('Rows 101 to 130');
  expect(second).toContain('href="/tables?name=image&amp;page=1"');
  expect(second).not.toContain('page=3');
  expect(await served.page('/tables?name=image&page=3')).toContain('no rows on this page');
});

it('a row of the catalog that was not taken leads to no image, and its address says why', async () => {
  const page = await served.page('/tables?name=catalog_reject');
  expect(page).toContain('>twice<');
  expect(page).not.toContain('/image?id=twice');
  const answer = await served.get('/image?id=twice');
  expect(answer.status).toBe(404);
  const problem = await answer.text();
  expect(problem).toContain('(bad_row: 2 fields instead of 3)');
  expect(problem).not.toContain('no snapshot');
  expect(await (await served.get('/image?id=nothing')).text()).toContain(
    'The snapshot has no image with this id.',
  );
});

it('the SQL of numbers leads to the page that runs it, which answers it', async () => {
  const pages = ['/', '/images?state=stored', '/image?id=i%2F0', '/groups', '/tables', '/runs/r1'];
  const bodies = await Promise.all(pages.map((target) => served.page(target)));
  const links = bodies.flatMap((body) => [
    ...body.replaceAll('&#39;', "'").matchAll(/href="(\/sql\?q=[^"]+)"/g),
  ]);
  expect(bodies.every((body) => body.includes('Run or change this query'))).toBe(true);
  const queries = new Set(
    links.map(([, link = '']) => new URL(link, 'http://h').searchParams.get('q') ?? ''),
  );
  expect(queries.size).toBeGreaterThan(10);
  for (const sql of queries) expect(await fixture.ask(sql)).toBeInstanceOf(Array);
  const [[, first = ''] = []] = links;
  const answered = await served.page(first);
  expect(problemOf(answered)).toBe('');
  expect(answered).toContain('>pending<');
});

it('filters are counted among the images that a search and the other filters leave', async () => {
  const found =
    "source_image_id IN (SELECT source_image_id FROM catalog_row WHERE title ILIKE '%title 1%')";
  const count = (value: string, condition: string) =>
    fixture.ask(
      `SELECT ${value} AS value, count(*)::INTEGER AS images FROM image WHERE ${found} AND ${condition} GROUP BY value ORDER BY images DESC, value`,
    );
  const answer = await served.get('/api/facets?q=title+1&state=pending');
  const facets = (await answer.json()) as readonly { name: string; values: object[] }[];
  const valuesOf = (name: string) => facets.find((facet) => facet.name === name)?.values;
  expect(valuesOf('state')).toEqual(await count('state', 'true'));
  expect(valuesOf('host')).toEqual(await count("'h'", "state = 'pending'"));
  expect(valuesOf('format')).toBeUndefined();
});

it('a text of the catalog is text, and a table that is not there is not found', async () => {
  const page = await served.page('/tables?name=catalog_row');
  expect(page).not.toContain('<img');
  expect(page).toContain('&lt;img src=x onerror=alert(1)&gt;\\u{202E}');
  for (const name of ['no_table', 'serving.image_row', 'image"', "image' OR true", 'duckdb_tables'])
    expect((await served.get(`/tables?name=${encodeURIComponent(name)}`)).status).toBe(404);
  for (const wrong of ['0', '101', 'x', '1.5'])
    expect((await served.get(`/tables?name=image&page=${wrong}`)).status).toBe(400);
});

it('models of the user may have names that the pages use', async () => {
  expect(await served.page('/tables?name=image_row')).toContain('>seven<');
  const images = await served.get('/api/images?issue=blurry');
  expect(await images.json()).toEqual({ total: 0, images: [] });
  for (const target of ['/selection?issue=blurry', '/images?issue=blurry'])
    expect((await served.get(target)).status).toBe(200);
  expect((await served.get('/api/images.csv?issue=blurry')).status).toBe(200);
  expect(await served.page('/quality')).toContain('is one of your own');
});

/** The markup of the row whose first cell has this text. */
function rowOf(page: string, name: string): string {
  const rows = page.split('<tr>');
  const found = rows.find((row) => {
    const [head = ''] = row.split('</th>');
    return head.replace(/<[^>]*>/g, '').trim() === name;
  });
  if (found === undefined) throw new Error(`there is no row ${name}`);
  return found;
}
