/** People who look at pages of `serve`: one in Chromium, and many by plain requests. */
import fs from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { chromium } from 'playwright-core';
import { median } from './median.mjs';

/** Whether all pictures that can be seen of a grid or a list are shown. It runs in the page. */
function arePicturesShown({ selector, at }) {
  if (at !== null && document.querySelector(`a[data-at="${at}"] img`) === null) return false;
  const tiles = [...document.querySelectorAll(selector)].filter((tile) => {
    const { top, bottom } = tile.getBoundingClientRect();
    return bottom > 0 && top < innerHeight;
  });
  const isShown = (picture) => picture.complete && picture.naturalWidth > 0;
  const isReady = (tile) => {
    const pictures = [...tile.querySelectorAll('img')];
    return pictures.length > 0 && pictures.every(isShown);
  };
  return tiles.length > 0 && tiles.every(isReady);
}

/** Opens Chromium. Each method returns the ms until every picture in view is shown. */
export async function openReader(origin) {
  const paths = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser'];
  const executablePath = paths.find((one) => one !== undefined && fs.existsSync(one));
  if (executablePath === undefined) throw new Error('Chromium is not installed (CHROMIUM=path)');
  const args = ['--no-sandbox', '--disable-gpu', '--no-first-run'];
  const browser = await chromium.launch({ executablePath, args });
  const open = () => browser.newPage({ viewport: { width: 1_400, height: 900 } });
  let page = await open();

  async function timed(action, selector, at = null) {
    const since = performance.now();
    await action();
    await page.waitForFunction(arePicturesShown, { selector, at });
    return performance.now() - since;
  }

  return {
    /** In a new page, which has no cached picture. */
    async openPage(address, selector) {
      await page.close();
      page = await open();
      return timed(() => page.goto(new URL(address, origin).href), selector);
    },
    /** @param at the position in the grid, from 0. */
    jump: (at) =>
      timed(
        async () => {
          await page.fill('input[name=at]', String(at + 1));
          await page.click('#jump button');
        },
        '#grid a.tile',
        at,
      ),
    close: () => browser.close(),
  };
}

/**
 * Readers of whom each opens a page a second, one after another, until `stop` is called.
 *
 * @param addressesOf returns the addresses that the page with this number requests in turn.
 */
export function startReaders({ origin, count, addressesOf }) {
  const times = [];
  let problems = 0;
  let opened = 0;
  let isStopped = false;

  async function openPage() {
    const since = performance.now();
    for (const address of addressesOf((opened += 1))) {
      const answer = await fetch(new URL(address, origin));
      await answer.arrayBuffer();
      if (!answer.ok) problems += 1;
    }
    times.push(performance.now() - since);
  }

  async function read(number) {
    await delay((1_000 * number) / count);
    while (!isStopped) {
      const next = performance.now() + 1_000;
      await openPage();
      await delay(Math.max(0, next - performance.now()));
    }
  }

  const reading = Promise.all(Array.from({ length: count }, (_, number) => read(number)));
  return {
    async stop() {
      isStopped = true;
      await reading;
      return { pages: times.length, problems, medianMs: Math.round(median(times)) };
    },
  };
}
