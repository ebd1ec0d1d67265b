/** The page of a run that has not ended, by HTTP and in Chromium, while the run goes on. */
import fs from 'node:fs';
import path from 'node:path';
import type { Page } from 'playwright-core';
import type { RunEntry } from '../../src/contract/run-record';
import type { RunProgress } from '../../src/serve/json-answers';
import { picture } from '../helpers/images/images';
import { tateCatalog } from '../helpers/images/tate-catalog';
import { reply, startLyingServer, type LyingServer } from '../helpers/hosts/lying-server';
import { Pipeline } from '../helpers/runs/pipeline';
import { until } from '../helpers/until';
import { inBrowser, openBrowser, type OpenBrowser } from './open-browser';
import { Served } from './serve-fixture';

/** With this budget the downloads take two and a half minutes, unless a test gives more. */
const SLOW = { default: { connections: 2, requestsPerSecond: 1 } };
const FAST = { connections: 16, requestsPerSecond: 200 };
const IMAGES = 150;

/** Images of a host that answers each request with 502 until a test lets it recover. */
const OF_WEAK_HOST = 30;
const WEB_UI = 'http://127.0.0.1:9';

let pipeline: Pipeline;
let served: Served;
let browser: OpenBrowser | null;
let weak: LyingServer;
let isWeak = true as boolean;
beforeAll(async () => {
  pipeline = await Pipeline.onSharedServer({
    ARTEMIS_OUTAGE_SECONDS: '3',
    ARTEMIS_MAX_ATTEMPTS: '1',
    ARTEMIS_WEB_UI: WEB_UI,
  });
  browser = await openBrowser();
  weak = await startLyingServer();
  const image = reply('200 OK', {}, await picture('jpeg'));
  for (let n = 0; n < OF_WEAK_HOST; n += 1)
    weak.answer(`/${n}`, (socket, request) => {
      (isWeak ? reply('502 Bad Gateway') : image)(socket, request);
    });
  const hosts = `127.0.0.1:${pipeline.origin.port},127.0.0.1:${weak.port}`;
  await pipeline.startWith({ ARTEMIS_ALLOW_PRIVATE_HOSTS: hosts }, 'up').says('workers are ready');
  served = await Served.start(pipeline);
});
afterAll(async () => {
  await browser?.close();
  await pipeline.dispose();
  await weak.close();
});

/** Writes a catalog of artworks, and of images of the host that is down. */
async function writeCatalog(name: string): Promise<string> {
  const rows = Array.from(
    { length: OF_WEAK_HOST },
    (_, n) => `weak${n},http://127.0.0.1:${weak.port}/${n},`,
  );
  const artworks = (await tateCatalog(IMAGES, pipeline.origin.port)).trim();
  fs.mkdirSync(path.join(pipeline.root, 'catalogs'), { recursive: true });
  const catalog = `catalogs/${name}.csv`;
  fs.writeFileSync(path.join(pipeline.root, catalog), `${artworks}\n${rows.join('\n')}\n`);
  return catalog;
}

async function start(workflowId: string, input: object): Promise<void> {
  await pipeline.temporal(
    ...['workflow', 'start', '--type', 'runPipeline', '--workflow-id', workflowId],
    ...['--task-queue', 'artemis-pipeline', '--input', JSON.stringify(input)],
  );
}

function run(workflowId: string, isSo: (entry: RunEntry) => boolean): Promise<RunEntry> {
  return pipeline.whenRunOf(workflowId, isSo);
}

async function progressOf(runId: string): Promise<RunProgress> {
  return served.json<RunProgress>(`/api/runs/${runId}`);
}

/** The command of a page that has the word, as a person copies it. */
async function commandWith(runId: string, word: string): Promise<string> {
  const { body } = await served.get(`/runs/${runId}`);
  const commands = [...body.matchAll(/<pre>([^<]*)<\/pre>/g)].map(([, command = '']) =>
    command.replaceAll('&#39;', "'").replaceAll('&quot;', '"').replaceAll('&amp;', '&'),
  );
  const found = commands.find((command) => command.includes(word));
  if (found === undefined) throw new Error(`no command has ${word}: ${commands.join('\n')}`);
  return found;
}

async function paste(runId: string, word: string): Promise<void> {
  const configured = `TEMPORAL_ADDRESS=${pipeline.server().address} `;
  const { code, stderr } = await pipeline.startPasted(
    `${configured}${await commandWith(runId, word)}`,
  ).finished;
  if (code !== 0) throw new Error(`the command with ${word} failed:\n${stderr}`);
}

/** Makes the page believe that its tab is hidden, which a browser without windows never does. */
function hide(page: Page, isHidden: boolean): Promise<unknown> {
  return page.evaluate(
    `Object.defineProperty(document, 'hidden', { value: ${isHidden}, configurable: true });
     document.dispatchEvent(new Event('visibilitychange'));`,
  );
}

/** What a person sees of the run, once the page shows it. */
async function seen(page: Page, selector: string, words: string): Promise<void> {
  await page.locator(selector, { hasText: words }).first().waitFor({ timeout: 120_000 });
}

async function storedOn(page: Page): Promise<number> {
  return parseInt((await page.locator('#run-stored').textContent()) ?? '', 10);
}

it('the page of a run under way names the hosts that wait, the rate, and what can be done, and links to the Web UI', async () => {
  await start('art', { catalog: await writeCatalog('art'), hosts: SLOW });
  const { runId } = await run('art', ({ waits }) => waits !== undefined);
  const waiting = await until(
    async () => {
      const progress = await progressOf(runId);
      return progress.waits.length > 0 && progress;
    },
    { within: 60, saying: 'a host that waits' },
  );
  expect(waiting).toMatchObject({
    state: 'running',
    hasEnded: false,
    planned: IMAGES + OF_WEAK_HOST,
  });
  expect(waiting.waits[0]).toMatch(/^127\.0\.0\.1:\d+ answers only http_502; it is .*again/);
  expect(JSON.stringify(waiting).length).toBeLessThan(1_000);
  const page = await served.text(`/runs/${runId}`);
  for (const words of ['How far it is', 'Hosts that wait', 'download, running', 'pauseRun'])
    expect(page).toContain(words);
  const { body } = await served.get(`/runs/${runId}`);
  expect(body).toMatch(
    new RegExp(`href="${WEB_UI}/namespaces/${pipeline.namespace}/workflows/art/[\\w-]+/timeline"`),
  );
  expect(body).toContain(`<a href="/runs/${runId}">Load this page again</a>`);
  expect(await served.text('/')).toContain('How far it is, and what waits');
  expect((await served.get('/api/runs/no-run')).status).toBe(404);
});

inBrowser(
  'follows a run to its end, asks nothing while it is hidden, and shows another state',
  async () => {
    if (browser === null) throw new Error('there is no Chromium');
    const { runId } = await run('art', () => true);
    const page = await browser.open(new URL(`/runs/${runId}`, served.address));
    const asked: string[] = [];
    page.on('request', (request) => {
      const { pathname } = new URL(request.url());
      // The browser asks for the icon when it likes.
      if (!pathname.startsWith('/assets/')) asked.push(pathname);
    });
    const before = await storedOn(page);
    await until(async () => (await storedOn(page)) > before, { within: 60, saying: 'more images' });
    expect(new Set(asked)).toEqual(new Set([`/api/runs/${runId}`]));
    await hide(page, true);
    await page.waitForTimeout(2_500);
    asked.length = 0;
    await page.waitForTimeout(4_500);
    expect(asked).toEqual([]);
    await hide(page, false);
    await until(() => asked.length > 0, { within: 30, saying: 'a request of the page' });
    await paste(runId, 'pauseRun');
    await seen(page, '.state', 'paused');
    await seen(page, '#run-now pre', 'resumeRun');
    await paste(runId, 'resumeRun');
    await seen(page, '.state', 'running');
    isWeak = false;
    await pipeline.setDefaultBudget('art', FAST);
    await seen(page, '.state', 'completed');
    await seen(page, 'h2', 'What to do next');
    expect(await page.locator('#run-now').count()).toBe(0);
    await page.click('text=The report file, to mail');
    await seen(page, '.kicker', 'Report of a run');
    expect(browser.problems).toEqual([]);
  },
  300_000,
);

it('shows why a step is parked, and commands that go on with it', async () => {
  const catalog = await writeCatalog('broken');
  const file = path.join(pipeline.root, catalog);
  const text = fs.readFileSync(file, 'utf8');
  fs.writeFileSync(file, 'id,url\n');
  await start('broken', { catalog, limit: 5, collection: 'other' });
  const { runId, step } = await run('broken', ({ state }) => state === 'parked');
  // The server reads the files of runs once a second.
  const { problem } = await until(
    async () => {
      const progress = await progressOf(runId);
      return progress.state === 'parked' && progress;
    },
    { within: 30, saying: 'the parked run' },
  );
  expect(problem).toContain(step?.code);
  const page = await served.text(`/runs/${runId}`);
  expect(page).toContain('ingest, parked');
  for (const name of ['retryStep', 'skipStep', 'abortRun']) expect(page).toContain(name);
  fs.writeFileSync(file, text);
  await paste(runId, 'retryStep');
  const { report } = await run('broken', ({ state: now }) => now === 'completed');
  expect(report).not.toBeNull();
  const body = await until(
    async () => {
      const { body: now } = await served.get(`/runs/${runId}`);
      return now.includes(`href="/runs/${runId}/report"`) && now;
    },
    { within: 30, saying: 'the link to the report' },
  );
  expect(body).not.toContain('/assets/run.mjs');
});
