/** The command `serve` over a data root of real runs, by HTTP. */
import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { Pipeline } from '../helpers/runs/pipeline';
import { until } from '../helpers/until';
import { describeBrowser } from './describe-browser';
import { describeExports } from './describe-exports';
import { describeLookAlikes, describeRepaired } from './describe-questions';
import { describeRefusals } from './describe-refusals';
import { openBrowser, type OpenBrowser } from './open-browser';
import { COUNT, Served, writeTitledCatalog, type ImagesAnswer } from './serve-fixture';

let pipeline: Pipeline;
let served: Served;
let browser: OpenBrowser | null;
beforeAll(async () => {
  pipeline = await Pipeline.onSharedServer();
  const catalog = await writeTitledCatalog(pipeline, COUNT);
  const steps = 'ingest,download,features,clusters,aggregates,publish';
  const { code } = await pipeline.run('run', catalog, '--workflow-id', 'art', '--steps', steps);
  expect(code).toBe(3);
  served = await Served.start(pipeline);
  browser = await openBrowser();
}, 180_000);
afterAll(async () => {
  await browser?.close();
  await pipeline.dispose();
});

const images = (query: string): Promise<ImagesAnswer> =>
  served.json<ImagesAnswer>(`/api/images?${query}`);

async function firstStored(): Promise<{ readonly id: string; readonly sha256: string }> {
  const [first] = (await images('state=stored&count=1')).images;
  return { id: first?.id ?? '', sha256: first?.sha256 ?? '' };
}

async function runId(): Promise<string> {
  const [run] = (await pipeline.status()).runs;
  return run?.runId ?? '';
}

describe('the pages of serve', () => {
  it('say what there is, what failed, what to do next, and what is a copy of what', async () => {
    const [row] = await pipeline.query<{ stored: string; failed: string }>(
      "SELECT count(*) FILTER (state = 'stored') AS stored, count(*) FILTER (state = 'failed') AS failed FROM image",
    );
    const home = await served.text('/');
    expect(home).toContain(`${String(row?.stored)} stored`);
    expect(home).toContain(`${String(row?.failed)} failed`);
    expect(home).toContain('art , started');
    expect(home).toMatch(/failed for good.*run --workflow-id art --select failed --data/);
    expect(home).toContain('The SQL of these numbers');
    const [failure] = await pipeline.query<{ detail: string }>(
      `SELECT f.detail FROM image i JOIN fact_download f USING (source_image_id)
       WHERE i.state = 'failed' AND f.outcome = 'failed' ORDER BY source_image_id, f.recorded_at DESC LIMIT 1`,
    );
    expect(home).toContain('Why one of them failed');
    expect(home).toContain(failure?.detail.slice(0, 60));
    expect(home).toContain('1 of 92 catalog rows were not taken (bad_row 1');
    expect((await served.get('/')).body).toContain(`href="/runs/${await runId()}#rejected"`);
    const groups = await served.text('/groups');
    expect(groups).toContain('2 images');
    const nears = await pipeline.query("SELECT * FROM cluster WHERE kind = 'near'");
    const near = await served.text('/groups?kind=near');
    expect(near.includes('There are no such groups.')).toBe(nears.length === 0);
  });

  it('filter, search, sort and page the images as the snapshot has them', async () => {
    const all = await images('');
    expect(all.total).toBe(COUNT + 1);
    expect(all.images).toHaveLength(COUNT + 1);
    const found = await images('q=WORK+number+7');
    expect(found.images.map(({ title }) => title)).toEqual([
      'Work number 7',
      ...Array.from({ length: 10 }, (_, n) => `Work number 7${n}`),
    ]);
    const bySize = await pipeline.query<{ id: string }>(
      "SELECT source_image_id AS id FROM image WHERE state = 'stored' ORDER BY thumb_bytes DESC, collection NULLS FIRST, record LIMIT 5",
    );
    const largest = await images('state=stored&sort=largest&count=5');
    expect(largest.images.map(({ id }) => id)).toEqual(bySize.map(({ id }) => id));
    const blurriest = await pipeline.query<{ id: string }>(
      "SELECT source_image_id AS id FROM image JOIN feature ON sha256 = thumb_sha256 WHERE state = 'stored' ORDER BY sharpness, record LIMIT 5",
    );
    const unsharp = await images('state=stored&sort=blurriest&count=5');
    expect(unsharp.images.map(({ id }) => id)).toEqual(blurriest.map(({ id }) => id));
    const late = await images('from=80&count=5');
    expect(late.images).toEqual(all.images.slice(80, 85));
    expect((await images('state=no_url')).images.map(({ id }) => id)).toEqual(['bare']);
    const facets = await served.json<readonly { name: string; values: object[] }[]>(
      '/api/facets?state=failed',
    );
    const codes = await pipeline.query(
      "SELECT last_error_code AS value, count(*)::INTEGER AS images FROM image WHERE state = 'failed' GROUP BY ALL ORDER BY images DESC, value",
    );
    expect(facets.find(({ name }) => name === 'code')?.values).toEqual(codes);
  });

  it('show one image with its catalog row, its file, its outcomes and its copies', async () => {
    const { id, sha256 } = await firstStored();
    const page = await served.text(`/image?id=${id}`);
    for (const words of [id, sha256, 'In the catalog', 'Outcomes', 'Copies', '1 other image'])
      expect(page).toContain(words);
    const [row] = await pipeline.query<{ path: string }>(
      `SELECT thumb_path AS path FROM image WHERE source_image_id = '${id}'`,
    );
    expect(page).toContain(path.join(pipeline.root, row?.path ?? ''));
    expect((await served.get(`/image?id=${randomUUID()}`)).status).toBe(404);
  });

  it('show what may be wrong with the pictures, and lead to just these', async () => {
    const issues = await pipeline.query<{ issue: string; images: number }>(
      'SELECT issue, count(*)::INTEGER AS images FROM quality GROUP BY issue ORDER BY issue',
    );
    expect(issues.length).toBeGreaterThan(0);
    const { body } = await served.get('/quality');
    for (const { issue, images: count } of issues) {
      expect(body).toMatch(new RegExp(`href="/images\\?issue=${issue}(&amp;sort=\\w+)?"`));
      expect((await images(`issue=${issue}`)).total).toBe(count);
    }
    expect(body).toContain('href="/images?state=stored&amp;verdict=valid"');
  });

  it('show the tables and checks of the step aggregates', async () => {
    const list = await served.text('/models');
    for (const words of ['placeholders', 'by_host', 'by_format']) expect(list).toContain(words);
    const model = await served.text('/models?name=by_format');
    expect(model).toContain('jpeg');
    expect(model).toContain('SELECT * FROM "by_format"');
    for (const name of ['image', 'no_model', "by_format'"])
      expect((await served.get(`/models?name=${encodeURIComponent(name)}`)).status).toBe(404);
  });

  it('show a run, and its report without a script', async () => {
    const run = await runId();
    expect(await served.text('/runs')).toContain('art completed');
    const page = await served.text(`/runs/${run}`);
    expect(page).toContain('What failed');
    expect(page).toContain('Steps');
    const report = await served.get(`/runs/${run}/report`);
    expect(report.body).toContain('Report of a run of artemis-pipeline');
    expect(report.headers['content-security-policy']).toContain('sandbox');
    expect((await served.get('/runs/..%2F..%2Fartemis.json')).status).toBe(404);
  });
});

describe('files of images', () => {
  it('are sent as they were stored, with their type, for ever', async () => {
    const { sha256 } = await firstStored();
    const { status, headers } = await served.get(`/file/${sha256}`);
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      'content-type': 'image/jpeg',
      etag: `"${sha256}"`,
      'cache-control': 'private, max-age=31536000, immutable',
      'x-content-type-options': 'nosniff',
    });
    const [row] = await pipeline.query<{ bytes: string }>(
      `SELECT thumb_bytes AS bytes FROM image WHERE thumb_sha256 = '${sha256}' LIMIT 1`,
    );
    expect(headers['content-length']).toBe(String(row?.bytes));
    const again = await served.get(`/file/${sha256}`, { 'if-none-match': `"${sha256}"` });
    expect(again.status).toBe(304);
    const head = await served.get(`/file/${sha256}`, {}, 'HEAD');
    expect(head.headers['content-length']).toBe(headers['content-length']);
    expect(head.body).toBe('');
  });

  it('are not sent when they are gone, changed, or reached by a link', async () => {
    const [last] = (await images('state=stored&sort=smallest&count=1')).images;
    const sha256 = last?.sha256 ?? '';
    const [row] = await pipeline.query<{ path: string }>(
      `SELECT thumb_path AS path FROM image WHERE thumb_sha256 = '${sha256}' LIMIT 1`,
    );
    const file = path.join(pipeline.root, row?.path ?? '');
    const content = fs.readFileSync(file);
    try {
      fs.rmSync(file);
      expect((await served.get(`/file/${sha256}`)).status).toBe(404);
      fs.writeFileSync(file, 'changed');
      expect((await served.get(`/file/${sha256}`)).status).toBe(404);
      fs.rmSync(file);
      fs.writeFileSync(path.join(pipeline.folder, 'elsewhere'), content);
      fs.symlinkSync(path.join(pipeline.folder, 'elsewhere'), file);
      expect((await served.get(`/file/${sha256}`)).status).toBe(404);
    } finally {
      fs.rmSync(file);
      fs.writeFileSync(file, content);
    }
    expect((await served.get(`/file/${sha256}`)).status).toBe(200);
  });

  it('cannot be named by a path', async () => {
    for (const target of [
      '/file/../artemis.json',
      '/file/..%2fartemis.json',
      '/file/aa',
      '/../artemis.json',
    ])
      expect((await served.get(target)).status).toBe(404);
  });
});

describeLookAlikes({ served: () => served, pipeline: () => pipeline });
describeExports({ served: () => served, pipeline: () => pipeline });
describeRefusals(() => served);
describeBrowser({ served: () => served, browser: () => browser, firstStored, runId });

describe('while a run replaces the snapshot', () => {
  it('every request is answered, and the new snapshot is shown when it is there', async () => {
    const before = String((await served.get('/api/images')).headers['x-snapshot']);
    const changed = await writeTitledCatalog(pipeline, COUNT, 5);
    const run = pipeline.start('run', changed, '--workflow-id', 'art');
    const progress = { hasEnded: false };
    void run.finished.then(() => (progress.hasEnded = true));
    const statuses = new Set<number>();
    const askAll = async (): Promise<boolean> => {
      for (const target of ['/', '/api/images?count=20', '/groups', '/runs'])
        statuses.add((await served.get(target)).status);
      return progress.hasEnded;
    };
    await until(askAll, { within: 150, every: 250, saying: 'the second run to end' });
    expect([...statuses]).toEqual([200]);
    expect((await run.finished).code).toBeLessThanOrEqual(3);
    const removed = await until(async () => (await images('state=removed')).images[0], {
      within: 30,
      saying: 'the removed image in the snapshot of the second run',
    });
    expect(await served.text(`/image?id=${removed.id}`)).toContain('no longer in the catalog');
    expect((await served.get('/api/images')).headers['x-snapshot']).not.toBe(before);
    const second = await runId();
    expect((await images(`removed=${second}`)).images.map(({ id }) => id)).toEqual([removed.id]);
    expect((await served.get(`/runs/${second}`)).body).toContain(
      `href="/images?removed=${second}"`,
    );
    await pipeline.expectVerified();
  });
});

describeRepaired({ served: () => served, pipeline: () => pipeline });

describe('an empty data root', () => {
  it('is explained, behind the token when one is asked for', async () => {
    const folder = path.join(pipeline.folder, 'empty');
    fs.mkdirSync(folder);
    const token = 'a-token-of-this-test';
    const other = await Served.start(pipeline, '--token', token, '--data', folder);
    expect(other.address.searchParams.get('token')).toBe(token);
    expect((await other.get('/')).status).toBe(401);
    expect((await other.get('/?token=a-token-of-this-tesT')).status).toBe(401);
    const first = await other.get(`//evil.example/..?token=${token}`);
    expect(first.headers.location).toMatch(/^\/[^/\\]*/);
    expect(first.headers.location).not.toContain('token');
    const [cookie = ''] = String(first.headers['set-cookie']).split(';');
    expect(String(first.headers['set-cookie'])).toContain('HttpOnly');
    const home = await other.get('/', { cookie });
    expect(home.status).toBe(200);
    expect(home.body).toContain('There are no images yet');
    expect(home.body).toContain('artemis-pipeline run CATALOG --data');
    expect((await other.get('/images', { cookie })).status).toBe(503);
    expect((await other.get('/runs', { cookie })).body).toContain('has no runs yet');
    expect(fs.readdirSync(folder)).toEqual([]);
    other.command.kill('SIGINT');
    expect((await other.command.finished).code).toBe(0);
  });
});
