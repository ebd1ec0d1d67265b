/** Images by the values of their catalog's columns, which may have any name and any text. */
import type { Page } from 'playwright-core';
import { WarehouseFixture } from '../warehouse/warehouse-fixture';
import { inBrowser, openBrowser, type OpenBrowser } from './open-browser';
import { serveFolder, type ServedFolder } from './serve-folder';

/** A name that is no word, and a text that HTML, SQL and addresses would each read as markup. */
const STRANGE = `__proto__ "'&<\u202E`;
const VALUE = `Ol'Yeller & "Sons" <b>100%+#\u202Elive\u200B`;

const ROWS = Array.from({ length: 60 }, (_, n) => ({
  source_image_id: `id${n}`,
  record: n + 1,
  thumb_url: `http://h/${n}`,
  title: n % 6 === 0 ? null : `Work ${n}`,
  artist: n % 20 === 0 ? VALUE : `Artist ${n % 4}`,
  place: n === 59 ? null : `Place ${String(n).padStart(2, '0')}`,
  notes: n === 1 ? 'long '.repeat(2_000) : 'short',
  [STRANGE]: n < 5 ? VALUE : '',
}));

let fixture: WarehouseFixture;
let serving: ServedFolder;
let browser: OpenBrowser | null;
beforeAll(async () => {
  fixture = new WarehouseFixture();
  fixture.openRun('r1', '2026-01-01T00:00:00.000Z');
  await fixture.writeCatalog('r1', []);
  await fixture.writeTable('r1', ROWS);
  await fixture.warehouse.mergeCatalog(fixture.mergeInput('r1'));
  await fixture.warehouse.publishSnapshot({ warehouseId: 'w', record: null, materialise: true });
  serving = await serveFolder(fixture.root);
  browser = await openBrowser();
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await serving.close();
  fixture.remove();
});

const query = (parameters: Record<string, string>): string =>
  new URLSearchParams(parameters).toString();

async function idsOf(parameters: Record<string, string>): Promise<readonly string[]> {
  const answer = await serving.page(`/api/images?${query(parameters)}`);
  const { images } = JSON.parse(answer) as { images: readonly { readonly id: string }[] };
  return images.map(({ id }) => id);
}

const expected = (isMeant: (row: (typeof ROWS)[number], n: number) => boolean): string[] =>
  ROWS.filter(isMeant).map((row) => row.source_image_id);

interface Facet {
  readonly name: string;
  readonly values: readonly { readonly value: string; readonly images: number }[];
  readonly isCut: boolean;
}

async function facetOf(parameters: Record<string, string>): Promise<Facet | undefined> {
  const facets = JSON.parse(await serving.page(`/api/facets?${query(parameters)}`)) as Facet[];
  return facets.find(({ name }) => name === `catalog.${parameters.by ?? ''}`);
}

it('a column is a filter, alone and with others, and without a value for what has none', async () => {
  expect(await idsOf({ 'catalog.artist': VALUE })).toEqual(expected((_, n) => n % 20 === 0));
  expect(await idsOf({ 'catalog.title': '' })).toEqual(expected((_, n) => n % 6 === 0));
  expect(await idsOf({ 'catalog.title': '', 'catalog.artist': VALUE, q: 'id' })).toEqual(
    expected((_, n) => n % 60 === 0),
  );
  expect(await idsOf({ [`catalog.${STRANGE}`]: VALUE })).toEqual(expected((_, n) => n < 5));
  expect(await idsOf({ [`catalog.${STRANGE}`]: '' })).toEqual(expected((_, n) => n >= 5));
});

it('a column that the catalog does not have leaves no image, and is no SQL', async () => {
  for (const name of ['none', 'source_image_id', 'ARTIST', `x" OR 1=1 OR "y`, "') OR true --"])
    expect(await idsOf({ [`catalog.${name}`]: 'x' })).toEqual([]);
  const many = Object.fromEntries(ROWS.slice(0, 11).map((row) => [`catalog.${row.place}`, 'x']));
  expect((await serving.get(`/api/images?${query(many)}`)).status).toBe(400);
  expect((await serving.get('/api/images?catalog.artist=%00')).status).toBe(400);
});

it('the values of a column are counted among the images that the other filters leave', async () => {
  const artists = await facetOf({ by: 'artist' });
  expect(artists?.values.slice(0, 2)).toEqual([
    { value: 'Artist 1', images: 15 },
    { value: 'Artist 2', images: 15 },
  ]);
  const untitled = await facetOf({ by: 'artist', 'catalog.title': '', 'catalog.artist': VALUE });
  expect(untitled?.values.reduce((sum, { images }) => sum + images, 0)).toBe(10);
  const places = await facetOf({ by: 'place' });
  expect(places).toMatchObject({ isCut: true });
  expect(places?.values).toHaveLength(12);
  expect(places?.values).toContainEqual({ value: '', text: 'none', images: 1 });
  expect((await facetOf({ by: 'title' }))?.values[0]).toMatchObject({
    ...{ value: '', text: 'none', images: 10 },
  });
  expect((await facetOf({ by: 'notes' }))?.values).toEqual([{ value: 'short', images: 59 }]);
  expect((await facetOf({ by: STRANGE }))?.values[1]).toMatchObject({ value: VALUE, images: 5 });
  expect(await facetOf({ by: 'none' })).toBeUndefined();
});

it('a value on the page of an image leads to the images with the same', async () => {
  const page = await serving.page('/image?id=id20');
  const links = [...page.matchAll(/class="value" href="(\/images\?[^"]*)"/g)];
  const addresses = links.map(([, address = '']) => address.replaceAll('&amp;', '&'));
  expect(addresses).toContain(`/images?${query({ 'catalog.artist': VALUE, by: 'artist' })}`);
  expect(addresses.some((address) => address.includes('notes=long'))).toBe(false);
});

it('the files and commands of a selection are those of the filter', async () => {
  const parameters = query({ 'catalog.artist': VALUE });
  const ids = await serving.page(`/api/ids.ndjson?${parameters}`);
  expect(ids.trim().split('\n')).toEqual(['"id0"', '"id20"', '"id40"']);
  expect(await serving.page(`/selection?${parameters}`)).toContain('3 images to use elsewhere');
});

it('an id that is searched is a link, also where other images contain it', async () => {
  expect(await idsOf({ q: 'id1' })).toHaveLength(11);
  const page = await serving.page('/images?q=id1');
  expect(page).toMatch(/The image with this id:\s*<a href="\/image\?id=id1">/);
  expect(await serving.page('/images?q=id')).not.toContain('The image with this id');
});

inBrowser('a column is chosen, then a value, and the back button undoes each', async () => {
  if (browser === null) throw new Error('there is no browser');
  const page: Page = await browser.open(new URL(`http://127.0.0.1:${serving.port}/images?q=id`));
  await page.getByText(/of 60$/).waitFor();
  await page.selectOption('select[name=by]', STRANGE);
  await page.waitForURL(/by=/);
  const value = page.locator('#facets a', { hasText: 'Yeller' });
  expect(await value.locator('bdi').textContent()).toBe(
    VALUE.replace('\u202E', String.raw`\u{202E}`).replace('\u200B', String.raw`\u{200B}`),
  );
  await value.click();
  await page.getByText(/of 5$/).waitFor();
  expect(await page.inputValue('select[name=by]')).toBe(STRANGE);
  expect(await page.inputValue('input[name=q]')).toBe('id');
  await page.fill('input[name=q]', 'id3');
  await page.keyboard.press('Enter');
  await page.getByText(/of 1$/).waitFor();
  await page.goBack();
  await page.getByText(/of 5$/).waitFor();
  await page.goBack();
  await page.getByText(/of 60$/).waitFor();
  expect(browser.problems).toEqual([]);
  await page.close();
});

inBrowser('a form sends every character of a text back', async () => {
  if (browser === null) throw new Error('there is no browser');
  const text = 'می\u200Cخواهم \u202Ex\u200B';
  const address = `http://127.0.0.1:${serving.port}/images?q=${encodeURIComponent(text)}`;
  const page = await browser.open(new URL(address));
  expect(await page.inputValue('input[name=q]')).toBe(text);
  const sql = `SELECT '${text}' AS "${text}"`;
  await page.goto(`http://127.0.0.1:${serving.port}/sql?q=${encodeURIComponent(sql)}`);
  expect(await page.inputValue('textarea')).toBe(sql);
  await page.close();
});
