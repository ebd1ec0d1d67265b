/** The grid of images while there is no snapshot for a moment. */
import fs from 'node:fs';
import { until } from '../helpers/until';
import { WarehouseFixture } from '../warehouse/warehouse-fixture';
import { inBrowser, openBrowser, type OpenBrowser } from './open-browser';
import { serveFolder, type ServedFolder } from './serve-folder';

/** More than the grid requests at once. */
const COUNT = 450;

let fixture: WarehouseFixture;
let serving: ServedFolder;
let browser: OpenBrowser | null;
beforeAll(async () => {
  fixture = new WarehouseFixture();
  const images = Array.from({ length: COUNT }, (_, n) => ({ id: `id${n}`, url: `http://h/${n}` }));
  await fixture.merge('r1', images);
  await fixture.warehouse.publishSnapshot({ warehouseId: 'w', record: null, materialise: true });
  serving = await serveFolder(fixture.root);
  browser = await openBrowser();
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await serving.close();
  fixture.remove();
});

inBrowser('images that could not be read are shown as soon as they can be', async () => {
  if (browser === null) throw new Error('there is no browser');
  const page = await browser.open(new URL(`http://127.0.0.1:${serving.port}/images`));
  await page.waitForSelector('#grid a[data-at="0"]:not(.loading)');
  const snapshot = fixture.path('warehouse.snapshot.duckdb');
  fs.renameSync(snapshot, `${snapshot}.away`);
  const isGone = async (): Promise<boolean> => (await serving.get('/api/images')).status === 503;
  await until(isGone, { within: 30, saying: 'the snapshot to be gone' });
  await page.focus('#grid a[tabindex="0"]');
  await page.keyboard.press('End');
  await page.getByText('There is no snapshot yet').waitFor();
  fs.renameSync(`${snapshot}.away`, snapshot);
  await page.waitForSelector(`#grid a[data-at="${COUNT - 1}"]:not(.loading)`);
  expect(await page.locator('#grid a.loading').count()).toBe(0);
  const focused = await page.locator('#grid a:focus').getAttribute('data-at');
  expect(focused).toBe(String(COUNT - 1));
  expect(await page.locator('#grid-note').isVisible()).toBe(false);
  await page.close();
});
