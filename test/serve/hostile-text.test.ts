/** Texts of strangers in every column of a catalog, in ids and in reasons, on every page. */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { picture } from '../helpers/images/images';
import { ReportFixture } from '../report/report-fixture';
import { ledgerLine, urlHash } from '../warehouse/warehouse-fixture';
import { inBrowser, openBrowser, type OpenBrowser } from './open-browser';
import { serveFolder, type ServedFolder } from './serve-folder';

/** What an attacker would put into a text: markup, a closed attribute, and reversed text. */
const SCRIPT = '</title></bdi></textarea><script>window.hacked = 1</script>';
const HOSTILE = `${SCRIPT}"' onerror=window.hacked=1 \u202Egpj.exe\u202C \u200B\uFEFF`;

/** A title of more than a million characters. */
const LONG = `${HOSTILE}${'long '.repeat(210_000)}${SCRIPT}`;

const COLUMNS = ['title', 'artist', 'constructor', '__proto__', `note ${SCRIPT}`, '\u202Eeltit'];
const IDS = [`plain`, `"><img src=x onerror="window.hacked=1">`, `\u202Edi`, '../../artemis.json'];

/** The number of the image that is named by its id. */
const UNTITLED = 2;

/** The largest page, in bytes. Most of it are the style of a report and columns of the catalog. */
const MOST_BYTES = 150_000;

let fixture: ReportFixture;
let serving: ServedFolder;
let browser: OpenBrowser | null;
beforeAll(async () => {
  fixture = new ReportFixture();
  const url = (n: number): string => `http://one.example/${n}`;
  const rows = IDS.map((id, n) => ({
    ...{ source_image_id: id, record: n + 1, thumb_url: url(n) },
    ...Object.fromEntries(COLUMNS.map((name) => [name, n === 0 ? LONG : HOSTILE])),
    ...(n === UNTITLED ? { title: null } : {}),
  }));
  fixture.openRun('r1', '2026-01-01T00:00:00.000Z');
  await fixture.writeCatalog('r1', []);
  await fixture.writeTable('r1', rows);
  await fixture.warehouse.mergeCatalog(fixture.mergeInput('r1'));
  const bytes = await picture('jpeg');
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const file = 'raw/images/thumbs/abc/same.jpg';
  fs.mkdirSync(path.dirname(fixture.path(file)), { recursive: true });
  fs.writeFileSync(fixture.path(file), bytes);
  const lines = IDS.map((id, n) => {
    const line = { id, urlHash: urlHash(url(n)), detail: HOSTILE, finalHost: 'one.example' };
    if (n === 3) return ledgerLine({ ...line, outcome: 'failed', code: 'http_404' });
    return ledgerLine({ ...line, path: file, sha256, bytes: bytes.byteLength });
  });
  fixture.append('r1', lines);
  await fixture.warehouse.commitLedgers({ warehouseId: 'w', runId: 'r1' });
  const record = fixture.record('r1', '2026-01-01T00:00:00.000Z');
  await fixture.warehouse.publishSnapshot({ warehouseId: 'w', record, materialise: true });
  await fixture.draw('r1');
  serving = await serveFolder(fixture.root);
  browser = await openBrowser();
});
afterAll(async () => {
  await browser?.close();
  await serving.close();
  fixture.remove();
});

const addressOf = (target: string): URL => new URL(`http://127.0.0.1:${serving.port}${target}`);

const PAGES = [
  ...['/', '/images', '/images?q=hacked', '/selection?q=hacked', '/groups', '/quality', '/models'],
  ...['/runs', '/runs/r1', '/runs/r1/report'],
  ...IDS.map((id) => `/image?id=${encodeURIComponent(id)}`),
];

it.each(PAGES)('%s shows hostile texts as text, and has a bounded size', async (target) => {
  const response = await fetch(addressOf(target));
  const body = await response.text();
  expect(response.status).toBe(200);
  expect(Buffer.byteLength(body)).toBeLessThan(MOST_BYTES);
  expect(body).not.toMatch(/<script>|<img src=x|window\.hacked *= *1<\/script>/);
  // eslint-disable-next-line no-control-regex -- Control characters are what must not be there.
  expect(body).not.toMatch(/[\u0000-\u0008\u202A-\u202E\u2066-\u2069\u200B\uFEFF]/);
});

it('answers for scripts are cut too, and a cut text says so', async () => {
  const grid = await (await fetch(addressOf('/api/images'))).text();
  expect(grid.length).toBeLessThan(10_000);
  const { images } = JSON.parse(grid) as { images: { id: string; name: string }[] };
  expect(images.map(({ id }) => id)).toEqual(IDS);
  for (const [n, { name }] of images.entries()) {
    expect(name).toContain(String.raw`\u{202E}${n === UNTITLED ? 'di' : 'gpj.exe'}`);
    expect(name.length).toBeLessThan(300);
  }
  const page = await (await fetch(addressOf('/image?id=plain'))).text();
  expect(page).toMatch(/the beginning of 1,050,\d{3} characters/);
});

inBrowser('no page runs anything, or is wider than the window', async () => {
  if (browser === null) throw new Error('there is no Chromium');
  for (const target of PAGES) {
    const page = await browser.open(addressOf(target));
    await page.waitForLoadState('networkidle');
    expect(await page.evaluate(`'hacked' in globalThis`)).toBe(false);
    const overflow = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
    expect({ target, overflow }).toEqual({ target, overflow: 0 });
    await page.close();
  }
});
