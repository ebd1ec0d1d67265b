/** The grid of images without a mouse, and the back button after other filters. */
import type { Page } from 'playwright-core';
import { WarehouseFixture } from '../warehouse/warehouse-fixture';
import { inBrowser, openBrowser, type OpenBrowser } from './open-browser';
import { serveFolder, type ServedFolder } from './serve-folder';

const COUNT = 120;

let fixture: WarehouseFixture;
let serving: ServedFolder;
let browser: OpenBrowser | null;
beforeAll(async () => {
  fixture = new WarehouseFixture();
  const images = Array.from({ length: COUNT }, (_, n) => ({
    ...{ id: `id${n}`, url: `http://h/${n}`, title: `Boat ${n}` },
  }));
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

async function open(target: string): Promise<Page> {
  if (browser === null) throw new Error('there is no browser');
  return browser.open(new URL(target, `http://127.0.0.1:${serving.port}`));
}

/** The number of the image, from 0, that the element has. */
const atOf = (page: Page, selector: string): Promise<string | null> =>
  page.locator(selector).getAttribute('data-at');

describe('the grid of images', () => {
  inBrowser(
    'is entered by Tab at an image that can be seen, wherever it is scrolled to',
    async () => {
      const page = await open('/images#61');
      await page.waitForSelector('#grid a[data-at="60"]:not(.loading)');
      expect(await page.locator('#grid a[tabindex="0"]').count()).toBe(1);
      await page.focus('#jump button');
      await page.keyboard.press('Tab');
      const first = Number(await atOf(page, '#grid a:focus'));
      expect(first).toBeGreaterThanOrEqual(54);
      await page.keyboard.press('ArrowRight');
      expect(await atOf(page, '#grid a:focus')).toBe(String(first + 1));
      await page.close();
    },
  );

  inBrowser('has its focus again after the back button', async () => {
    const page = await open('/images');
    await page.waitForSelector('#grid a[data-at="0"]:not(.loading)');
    await page.focus('#grid a[tabindex="0"]');
    await page.keyboard.press('End');
    await page.keyboard.press('ArrowLeft');
    await page.waitForSelector('#grid a:focus:not(.loading)');
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/image\?id=id118/);
    await page.goBack();
    await page.waitForSelector('#grid a:focus');
    expect(await atOf(page, '#grid a:focus')).toBe(String(COUNT - 2));
    await page.close();
  });

  inBrowser('stands below a search that says what the address says, after going back', async () => {
    const page = await open('/images');
    const shown = async (): Promise<readonly string[]> => [
      await page.inputValue('input[name=q]'),
      await page.inputValue('select[name=sort]'),
    ];
    await page.selectOption('select[name=sort]', 'largest');
    await page.waitForURL(/sort=largest/);
    await page.fill('input[name=q]', 'boat 7');
    await page.keyboard.press('Enter');
    await page.waitForURL(/q=boat/);
    await page.getByText(/of 11$/).waitFor();
    expect(await shown()).toEqual(['boat 7', 'largest']);
    await page.goBack();
    expect(await shown()).toEqual(['', 'largest']);
    await page.goBack();
    expect(await shown()).toEqual(['', 'catalog']);
    await page.close();
  });
});
