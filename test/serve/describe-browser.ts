/** The pages in Chromium. */
import { inBrowser, type OpenBrowser } from './open-browser';
import { COUNT, HOSTILE_SHOWN, type Served } from './serve-fixture';

/** What the tests look at, once they run. */
export interface BrowserScene {
  readonly served: () => Served;
  /** Null where Chromium is not installed. */
  readonly browser: () => OpenBrowser | null;
  readonly firstStored: () => Promise<{ readonly id: string }>;
  readonly runId: () => Promise<string>;
}

export function describeBrowser({ served, browser, firstStored, runId }: BrowserScene): void {
  describe('in a browser', () => {
    /** The tests below run only where there is one. */
    const use = (work: (present: OpenBrowser) => Promise<void>): Promise<void> => {
      const present = browser();
      if (present === null) throw new Error('there is no Chromium');
      return work(present);
    };

    inBrowser('the grid scrolls, jumps, obeys keys, and keeps its place for the back button', () =>
      use(async (present) => {
        const page = await present.open(new URL('/images', served().address));
        await page.waitForSelector('#grid img');
        expect(await page.locator('#grid [role=row]').count()).toBeLessThan(14);
        await page.locator('#grid').hover();
        await page.mouse.wheel(0, 900);
        await page.waitForSelector('a[data-at="40"] bdi');
        await page.fill('input[name=at]', String(COUNT));
        await page.click('#jump button');
        const target = page.locator(`a[data-at="${COUNT - 1}"] bdi`);
        expect(await target.textContent()).toBe(`Work number ${COUNT - 1}`);
        await page.keyboard.press('End');
        const focused = (): Promise<string | null> =>
          page.locator('a[tabindex="0"]').getAttribute('data-at');
        expect(await focused()).toBe(String(COUNT));
        await page.keyboard.press('Home');
        await page.keyboard.press('ArrowRight');
        expect(await focused()).toBe('1');
        await page.keyboard.press('End');
        await page.waitForURL(/#\d+$/);
        await target.click();
        await page.waitForURL(/\/image\?id=/);
        await page.goBack();
        await target.waitFor();
        expect(present.problems).toEqual([]);
      }),
    );

    inBrowser('a hostile title is text, in the grid and on the page of its image', () =>
      use(async (present) => {
        const page = await present.open(new URL('/images', served().address));
        const title = page.locator('a[data-at="0"] bdi');
        expect(await title.textContent()).toBe(HOSTILE_SHOWN);
        await title.click();
        expect(await page.locator('h1').textContent()).toBe(HOSTILE_SHOWN);
        expect(await page.evaluate(() => 'hacked' in globalThis)).toBe(false);
        expect(present.problems).toEqual([]);
      }),
    );

    inBrowser('axe finds nothing on any page, light or dark, narrow or wide', () =>
      use(async (present) => {
        const { id } = await firstStored();
        const run = await runId();
        const targets = [
          '/',
          '/images?state=failed',
          `/image?id=${id}`,
          '/selection?state=failed',
          '/groups',
          '/quality',
          '/models',
          '/models?name=by_format',
          '/tables',
          '/tables?name=image',
          '/runs',
          `/runs/${run}`,
        ];
        for (const [at, target] of targets.entries()) {
          const look = {
            width: at % 2 === 0 ? 360 : 1_280,
            scheme: at % 3 === 0 ? 'dark' : 'light',
          } as const;
          const found = await present.examine(new URL(target, served().address), look);
          expect({ target, ...found }).toEqual({ target, violations: [], overflow: 0 });
        }
      }),
    );
  });
}
