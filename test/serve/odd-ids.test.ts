/** Images whose ids are long or strange, from the grid to their pages. */
import { ModelFixture } from '../models/model-fixture';
import { textOf } from '../report/report-fixture';
import { serveFolder, type ServedFolder } from './serve-folder';

/** Ids may have up to 64 KiB. */
const IDS = [
  `long/${'ü'.repeat(2_000)}`,
  `long/${'ü'.repeat(2_000)}2`,
  `longest ${'&'.repeat(65_000)}`,
  `emoji ${'👩‍👩‍👧'.repeat(300)}`,
  'short',
  '../../artemis.json',
  '?id=short&id=%00#x',
  `quote'" <b>`,
  ' blank ',
  'line\nend',
  'نص عربي \u202E',
];

let fixture: ModelFixture;
let serving: ServedFolder;
beforeAll(async () => {
  fixture = new ModelFixture();
  await fixture.merge(
    'r1',
    IDS.map((id, n) => ({ id, url: `http://h/${n}` })),
  );
  await fixture.publish();
  serving = await serveFolder(fixture.root);
}, 60_000);
afterAll(async () => {
  await serving.close();
  fixture.remove();
});

interface GridImage {
  readonly id: string;
  readonly address: string;
}

const unescaped = (link: string): string => link.replaceAll('&amp;', '&').replaceAll('&#39;', "'");

const shown = (text: string): string => textOf(text).replace(/\s+/g, ' ');

it('each image of the grid leads to its own page', async () => {
  const answer = JSON.parse(await serving.page('/api/images')) as { images: GridImage[] };
  expect(answer.images.map(({ id }) => id)).toEqual(IDS);
  for (const [n, { id, address }] of answer.images.entries()) {
    const page = await serving.page(address);
    expect({ id, hasRecord: page.includes(`href="/images#${n + 1}"`) }).toEqual({
      id,
      hasRecord: true,
    });
  }
});

it('the pages lead to the next one, whatever its id is', async () => {
  let address = `/image?id=${encodeURIComponent(IDS.at(-1) ?? '')}`;
  for (let n = IDS.length - 1; n > 0; n -= 1) {
    const [, before = ''] = /<a href="([^"]*)">← Before</.exec(await serving.page(address)) ?? [];
    address = unescaped(before);
  }
  expect(await serving.page(address)).toContain('href="/images#1"');
});

it('no page has a link that is too long for the server', async () => {
  const answer = JSON.parse(await serving.page('/api/images')) as { images: GridImage[] };
  for (const { address } of answer.images) {
    const page = await serving.page(address);
    const links = [...page.matchAll(/href="(\/[^"]*)"/g)].map(([, link = '']) => link);
    for (const link of links.map(unescaped))
      expect({ link, status: (await serving.get(link)).status }).toEqual({ link, status: 200 });
  }
}, 60_000);

it('a digest that no id has is no image', async () => {
  for (const digest of ['0'.repeat(64), 'x', "' OR true --", '%00'])
    expect((await serving.get(`/image?digest=${encodeURIComponent(digest)}`)).status).toBe(404);
});

it('an id that is cut in a table leads nowhere', async () => {
  const page = await serving.page('/tables?name=image');
  expect(page).toContain('href="/image?id=short"');
  expect(page).not.toContain(encodeURIComponent('üüüü'));
  const sql = encodeURIComponent('SELECT source_image_id FROM image');
  const result = await serving.page(`/sql?q=${sql}`);
  expect(result).toContain('href="/image?id=short"');
  expect(result).not.toContain('long%2F');
  expect(shown(result)).toContain('long/üüü');
});
