/** The page for SQL, and the files of its results, by HTTP and in a browser. */
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { DuckDBInstance } from '@duckdb/node-api';
import { ModelFixture } from '../models/model-fixture';
import { ledgerLine } from '../warehouse/warehouse-fixture';
import { inBrowser, openBrowser, type OpenBrowser } from './open-browser';
import { cellsOf, problemOf } from './read-page';
import { serveFolder, type ServedFolder } from './serve-folder';

const SHA256 = 'ab'.repeat(32);

let fixture: ModelFixture;
let served: ServedFolder;
let browser: OpenBrowser | null;
beforeAll(async () => {
  fixture = await ModelFixture.withThreeImages();
  fixture.append('r1', [ledgerLine({ id: 'a', sha256: SHA256 })]);
  await fixture.warehouse.commitLedgers({ warehouseId: 'w', runId: 'r1' });
  await fixture.publish();
  served = await serveFolder(fixture.root);
  browser = await openBrowser();
}, 60_000);
afterAll(async () => {
  await browser?.close();
  await served.close();
  expect(temporaryFolders()).toEqual([]);
  fixture.remove();
});

const address = (sql: string): string => `/sql?q=${encodeURIComponent(sql)}`;
const ask = (sql: string): Promise<string> => served.page(address(sql));

/** What this process has in the system's temporary folder for queries. */
function temporaryFolders(): readonly string[] {
  const isOurs = new RegExp(`^artemis-(sql|serve-copy)-.*-${process.pid}-`);
  return fs.readdirSync(os.tmpdir()).filter((name) => isOurs.test(name));
}

/** Sends a request with exactly these headers, which `fetch` would replace. */
async function raw(
  target: string,
  headers: http.OutgoingHttpHeaders,
): Promise<{ readonly status: number | undefined; readonly body: string }> {
  const request = http.get(new URL(target, (await served.get('/sql')).url), { headers });
  const [response] = (await once(request, 'response')) as [http.IncomingMessage];
  return { status: response.statusCode, body: await text(response) };
}

describe('the rows of a query', () => {
  it('are shown in their order, with links to images, files and runs', async () => {
    const page = await ask(
      'SELECT source_image_id, thumb_sha256, first_seen_run_id AS run_id FROM image ORDER BY 1 DESC;',
    );
    expect(cellsOf(page)).toEqual([
      ['c', '–', 'r1'],
      ['b', '–', 'r1'],
      ['a', SHA256, 'r1'],
    ]);
    for (const link of ['/image?id=a', `/images?sha256=${SHA256}`, '/runs/r1'])
      expect(page).toContain(`href="${link}"`);
    expect(page).toContain('3 rows');
  });

  it('have values of every type as DuckDB writes them, and columns of one name', async () => {
    const page = await ask(
      "SELECT 1 AS a, 2 AS a, NULL AS n, [1, 2] AS l, {'x': 'y'} AS s, DATE '2026-01-02' AS d, 123456789012345678901234567890::HUGEINT AS h, true AS t, '<b>\u202E' AS u",
    );
    expect(cellsOf(page)).toEqual([
      [
        '1',
        '2',
        '–',
        '[1, 2]',
        '{&#39;x&#39;: &#39;y&#39;}',
        '2026-01-02',
        '123456789012345678901234567890',
        'true',
        '&lt;b&gt;\\u{202E}',
      ],
    ]);
  });

  it('are the first thousand of many, and long values are cut', async () => {
    const page = await ask('FROM range(10_000_000)');
    expect(page).toContain('The first 1,000 rows. The files have all.');
    expect(cellsOf(page)).toHaveLength(1_000);
    const [[long = ''] = []] = cellsOf(await ask("SELECT repeat('x', 5_000_000)"));
    expect(long).toBe(`${'x'.repeat(1_000)}…`);
    const wide = await ask("SELECT repeat('y', 900) FROM range(10_000), range(10)");
    expect(wide.length).toBeLessThan(2_000_000);
    const broad = await ask('SELECT * FROM range(1000), (SELECT * FROM image LIMIT 1)');
    expect(cellsOf(broad).length).toBeLessThan(500);
  });

  it('come from what describes tables, and from values, too', async () => {
    for (const sql of ['DESCRIBE image', 'SUMMARIZE image', 'SHOW TABLES', 'VALUES (1)'])
      expect(cellsOf(await ask(sql)).length).toBeGreaterThan(0);
    expect(await ask('SELECT 1 WHERE false')).toContain('The result has no rows.');
    expect(cellsOf(await ask("FROM duckdb_tables() WHERE table_name = 'image'"))).toHaveLength(1);
  });
});

describe('a mistake in a query', () => {
  it('is shown in the words of DuckDB with its place', async () => {
    const page = await ask("SELECT\n  'ü', nothing FROM image");
    expect(problemOf(page)).toContain(
      'Line 2, column 8: Binder error: Referenced column "nothing"',
    );
    expect(page).toContain('\n       ^</pre>');
    expect(problemOf(await ask('SELECT FROM WHERE'))).toContain('Parser error: syntax error');
    expect(problemOf(await ask('SELECT * FROM no_table'))).toContain(
      'Line 1, column 15: Catalog error: Table with name no_table does not exist!',
    );
    expect(problemOf(await ask("SELECT 'x'::INTEGER"))).toContain('Conversion error');
    expect(problemOf(await ask('-- nothing'))).toContain('There is no query.');
    expect(problemOf(await ask('SELECT ?'))).not.toBe('');
  });

  it('is the answer of a file as JSON, with status 400', async () => {
    const answer = await served.get('/api/sql.csv?q=SELECT+nothing');
    expect(answer.status).toBe(400);
    expect(await answer.json()).toEqual({
      error: expect.stringContaining('Line 1, column 8: Binder error') as unknown,
    });
  });
});

describe('the file of a result', () => {
  const ROWS =
    "SELECT range AS n, if(range = 7, '=formula()', 'text ' || range) AS t FROM range(20_000) ORDER BY n DESC; ";

  it.each([
    ['csv', 'text/csv; charset=utf-8', 'read_csv'],
    ['ndjson', 'application/x-ndjson; charset=utf-8', 'read_json'],
    ['parquet', 'application/vnd.apache.parquet', 'read_parquet'],
  ])('has all rows in their order as %s', async (format, type, read) => {
    const answer = await served.get(`/api/sql.${format}?q=${encodeURIComponent(ROWS)}`);
    expect(answer.status).toBe(200);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': type,
      'content-disposition': `attachment; filename="result.${format}"`,
    });
    const file = fixture.path(`result.${format}`);
    fs.writeFileSync(file, Buffer.from(await answer.arrayBuffer()));
    const instance = await DuckDBInstance.create(':memory:');
    const connection = await instance.connect();
    const rows = await connection.runAndReadAll(`SELECT n::INTEGER, t FROM ${read}('${file}')`);
    const formula = format === 'csv' ? "'=formula()" : '=formula()';
    expect(rows.getRows()).toEqual(
      Array.from({ length: 20_000 }, (_, at) => 19_999 - at).map((n) => [
        n,
        n === 7 ? formula : `text ${n}`,
      ]),
    );
  });

  it('has columns of one name in CSV, and is not made for a request that asks for no body', async () => {
    const csv = await served.get('/api/sql.csv?q=SELECT+1+AS+a,+2+AS+a');
    expect(await csv.text()).toBe('a,a_1\n1,2\n');
    const head = await fetch((await served.get('/api/sql.csv?q=SELECT+1')).url, { method: 'HEAD' });
    expect(head.status).toBe(200);
  });

  it('is refused beyond its limit', async () => {
    const sql = "SELECT repeat('x', 1000) FROM range(200_000)";
    const answer = await served.get(`/api/sql.ndjson?q=${encodeURIComponent(sql)}`);
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain('The file of the result would have more than 100 MB.');
  });
});

describe('requests', () => {
  it('of another site show the query and do not run it', async () => {
    const followed = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' };
    const page = (await raw('/sql?q=SELECT+40%2B2', followed)).body;
    expect(page).toContain('SELECT 40+2</textarea');
    expect(page).toContain('The link to this query is on another site, so it was not run.');
    expect(page).not.toContain('<tbody>');
    for (const target of ['/api/sql.csv?q=SELECT+1', '/api/sql.parquet?q=SELECT+1'])
      expect((await raw(target, followed)).status).toBe(403);
    const embedded = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' };
    expect((await raw('/sql?q=SELECT+1', embedded)).status).toBe(403);
  });

  it('with a long query are answered up to a limit', async () => {
    const long = `SELECT 42 -- ${'x'.repeat(7_900)}`;
    expect(cellsOf(await ask(long))).toEqual([['42']]);
    expect((await served.get(address('x'.repeat(8_001)))).status).toBe(400);
    expect((await served.get(address('x'.repeat(13_000)))).status).toBe(414);
    expect((await served.get('/sql?q=SELECT+1%00')).status).toBe(400);
  });

  it('that are given up end their query, and others are answered', async () => {
    const gone = new AbortController();
    const port = new URL((await served.get('/sql')).url).port;
    // It takes no memory, so nothing but the end of its request ends it.
    const forever = 'SELECT count(*) FROM range(100000000000) WHERE hash(range) = 1';
    const asked = fetch(`http://127.0.0.1:${port}/api/sql.csv?q=${encodeURIComponent(forever)}`, {
      signal: gone.signal,
    });
    const waiting = ask('SELECT 42');
    setTimeout(() => {
      gone.abort();
    }, 500);
    await expect(asked).rejects.toThrow();
    expect(cellsOf(await waiting)).toEqual([['42']]);
  });
});

it('the queries of the cookbook are links that can be followed', async () => {
  const page = await served.page('/sql');
  const links = [...page.matchAll(/<li>\s*<a href="(\/sql\?q=[^"]+)"/g)].map(
    ([, link = '']) => link,
  );
  const recipes = fs.readFileSync(path.join(__dirname, '../../docs/cookbook.md'), 'utf8');
  expect(links).toHaveLength([...recipes.matchAll(/^```sql$/gm)].length);
  const [first = ''] = links;
  const states = cellsOf(await served.page(first.replaceAll('&#39;', "'")));
  expect(states.map(([state]) => state)).toContain('stored');
});

it('the next publication is asked, from a copy of its own', async () => {
  expect(cellsOf(await ask('SELECT count(*) FROM image'))).toEqual([['3']]);
  await fixture.merge(
    'r2',
    ['a', 'b', 'c', 'd'].map((id) => ({ id, url: `http://h/${id}` })),
    { startedAt: '2026-01-02T00:00:00.000Z' },
  );
  await fixture.publish();
  const deadline = Date.now() + 30_000;
  let cells: readonly (readonly string[])[] = [];
  while (Date.now() < deadline && cells[0]?.[0] !== '4')
    cells = cellsOf(await (await served.get(address('SELECT count(*) FROM image'))).text());
  expect(cells).toEqual([['4']]);
  expect(temporaryFolders()).toHaveLength(1);
});

inBrowser('a query is typed and run in a browser, and axe finds nothing', async () => {
  if (browser === null) throw new Error('there is no Chromium');
  const { url } = await served.get('/sql');
  const page = await browser.open(new URL(url));
  await page.fill('textarea', "SELECT 40 + 2 AS answer,\n  '<img src=x>' AS markup");
  await page.click('button');
  await page.waitForURL(/\/sql\?q=/);
  expect(await page.locator('tbody tr').textContent()).toContain('42');
  expect(await page.locator('tbody img').count()).toBe(0);
  expect(await page.inputValue('textarea')).toContain('answer,\n  ');
  await page.goBack();
  expect(await page.locator('tbody').count()).toBe(0);
  expect(browser.problems).toEqual([]);
  const targets = [
    '/sql',
    address('FROM image'),
    address('SELECT nothing'),
    '/tables',
    '/tables?name=image',
  ];
  for (const [at, target] of targets.entries()) {
    const look = {
      width: at % 2 === 0 ? 360 : 1_280,
      scheme: at % 3 === 0 ? 'dark' : 'light',
    } as const;
    const found = await browser.examine(new URL(target, url), look);
    expect({ target, ...found }).toEqual({ target, violations: [], overflow: 0 });
  }
});
