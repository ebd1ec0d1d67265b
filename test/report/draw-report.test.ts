/** Reports of runs over real data roots, hostile ones among them. */
import fs from 'node:fs';
import { restoreDataRoot, storedVersions } from '../warehouse/schema/stored-data-roots';
import { ledgerLine, urlHash } from '../warehouse/warehouse-fixture';
import { queriesIn, ReportFixture, rowsBelow, textOf } from './report-fixture';

let fixture: ReportFixture;
beforeEach(() => {
  fixture = new ReportFixture();
});
afterEach(() => {
  fixture.remove();
});

const stored = (id: string, sha256: string, bytes: number) =>
  ledgerLine({ id, sha256, bytes, urlHash: urlHash(`http://one.example/${id}`) });

/** Two images are copies, one host fails in two ways, and one row of the catalog is rejected. */
async function runWithEverything(): Promise<void> {
  const images = ['a', 'b', 'c'].map((id) => ({ id, url: `http://one.example/${id}` }));
  const broken = ['d', 'e', 'f'].map((id) => ({ id, url: `http://u:SE@CRET@two.example/${id}` }));
  const failed = (id: string, detail: string) =>
    ledgerLine({
      ...{ id, outcome: 'failed', code: 'http_503', retryable: true, detail, requests: 4 },
      urlHash: urlHash(`http://u:SE@CRET@two.example/${id}`),
    });
  await fixture.run(
    'r1',
    [...images, ...broken],
    [
      stored('a', 'aa', 1_000),
      stored('b', 'aa', 1_000),
      stored('c', 'cc', 500),
      failed('d', 'busy'),
      failed('e', 'busy'),
      { ...failed('f', 'gone for good'), code: 'http_404', retryable: false, requests: 1 },
    ],
  );
}

describe('the report of a run', () => {
  it('answers what was stored, what failed where and why, what was rejected, and what are copies', async () => {
    await runWithEverything();
    const report = await fixture.draw('r1');
    expect(textOf(report)).toContain(
      '6 images of 2 hosts: 3 stored (2.5 kB), 0 found not modified, 3 failed. 12 requests',
    );
    expect(rowsBelow(report, 'failed')).toEqual([
      ['two.example', 'http_503', '2', '2', 'busy', 'd'],
      ['two.example', 'http_404', '1', '0', 'gone for good', 'f'],
    ]);
    expect(rowsBelow(report, 'hosts').map((row) => row.slice(0, 6))).toEqual([
      ['one.example', '3', '3', '0', '3', '2.5 kB'],
      ['two.example', '3', '0', '3', '9', '0 B'],
    ]);
    expect(rowsBelow(report, 'rejected')).toEqual([['bad_id', '1', 'line 10', '–', 'empty']]);
    expect(rowsBelow(report, 'copies')).toEqual([['a, b', '2', '2', '1.0 kB', '1.0 kB']]);
    expect(rowsBelow(report, 'stored')).toEqual([
      ['failed', '3', '–'],
      ['stored', '3', '2.5 kB'],
    ]);
    expect(textOf(report)).toContain(
      '2 images of the collection failed for a reason that may pass. The next run asks for them again: artemis-pipeline run --workflow-id w-r1 --data',
    );
    expect(textOf(report)).toContain('1 image of the collection failed for good');
    expect(textOf(report)).toContain('run --workflow-id w-r1 --select failed --data');
    expect(report).not.toContain('CRET');
  });

  it('tells a repair to go on by a run that is no repair', async () => {
    await runWithEverything();
    const file = fixture.path('runs', 'r1', 'run.json');
    const run = JSON.parse(fs.readFileSync(file, 'utf8')) as object;
    fs.writeFileSync(file, JSON.stringify({ ...run, workflowId: 'repair' }));
    const failed = { state: 'failed', endedAt: '2026-01-01T01:00:00.000Z' } as const;
    const report = textOf(await fixture.draw('r1', failed));
    expect(report).toContain('The next run takes up what is left: artemis-pipeline run --data');
    expect(report).not.toContain('--workflow-id');
  });

  it('has the SQL of its numbers, which the snapshot answers as it is', async () => {
    await runWithEverything();
    const queries = queriesIn(await fixture.draw('r1'));
    expect(queries.length).toBeGreaterThanOrEqual(9);
    for (const sql of queries) expect(await fixture.ask(sql)).toBeInstanceOf(Array);
    const failures = queries.find((sql) => sql.includes('commonest_detail')) ?? '';
    expect(await fixture.ask(failures)).toHaveLength(2);
  });

  it('loads nothing, runs nothing, and can be read by a screen reader', async () => {
    await runWithEverything();
    const report = await fixture.draw('r1');
    expect(report).toContain('content="default-src &#39;none&#39;; style-src &#39;sha256-');
    expect(report).toMatch(/^<!doctype html>\s*<html lang="en">/);
    expect(report).not.toMatch(/<script|<img|<iframe|<link|@import|url\(/);
    expect([...report.matchAll(/\bhref="(.)/g)].map(([, first]) => first)).not.toContain('h');
    for (const landmark of ['<header>', '<nav aria-label', '<main>', '<footer>'])
      expect(report).toContain(landmark);
    const tables = [...report.matchAll(/<table>.*?<\/table>/gs)].map(([table]) => table);
    expect(tables.length).toBeGreaterThanOrEqual(4);
    for (const table of tables) {
      expect(table).toMatch(/<caption>\s*\S/);
      expect(table).toContain('<th scope="col"');
      expect(table).toContain('<th scope="row"');
    }
  });
});

describe('hostile texts in a report', () => {
  const HOSTILE = `</pre><script>alert(1)</script><img src=x onerror=alert(2)>"'\u202E\u0000${'&'.repeat(300)}`;
  const TAGS =
    /^(html|head|meta|title|style|body|header|nav|main|footer|section|h[1-3]|p|span|dl|dt|dd|ul|li|a|pre|code|bdi|div|table|caption|thead|tbody|tr|th|td|details|summary|svg|rect)$/;

  it('add no markup, and no more than 2 MB', async () => {
    const count = 300;
    const ids = Array.from({ length: count }, (_, n) => `${n}${HOSTILE}`);
    const urlOf = (n: number): string =>
      `http://h${n}"><script>alert(3)</script>\u202E${'&'.repeat(300)}/x`;
    await fixture.run(
      'r1',
      ids.map((id, n) => ({ id, url: urlOf(n), title: 'x'.repeat(n === 0 ? 1_000_000 : 1) })),
      ids.map((id, n) => {
        const line = ledgerLine({ id, urlHash: urlHash(urlOf(n)), finalHost: HOSTILE });
        if (n % 2 === 0) return { ...line, sha256: `${n % 100}`, path: `${n}` };
        return { ...line, ...FAILED, detail: `${n}${HOSTILE}`.slice(0, 500) };
      }),
    );
    const step = { name: 'download', state: 'failed', code: HOSTILE, detail: HOSTILE } as const;
    const report = await fixture.draw(
      'r1',
      { state: 'failed', endedAt: '2026-01-01T01:00:00.000Z' },
      { state: 'failed', step, cutOff: false },
    );
    expect(rowsBelow(report, 'failed')).toHaveLength(50);
    expect(Buffer.byteLength(report)).toBeLessThan(2_000_000);
    const body = report.slice(report.indexOf('<body>'));
    const tags = [...body.matchAll(/<\/?([^\s>/]+)([^>]*)>/g)];
    expect(tags.filter(([, name = '']) => !TAGS.test(name))).toEqual([]);
    expect(tags.filter(([, , attributes = '']) => /\son\w+=|\ssrc=/.test(attributes))).toEqual([]);
    expect(report).not.toMatch(/(?![\t\n])[\p{Cc}\p{Bidi_Control}]/u);
    expect(textOf(report)).toContain(
      String.raw`<script>alert(1)</script><img src=x onerror=alert(2)>"'\u{202E}`,
    );
  }, 60_000);

  const FAILED = {
    outcome: 'failed',
    code: 'http_404',
    path: null,
    bytes: null,
    sha256: null,
  } as const;
});

describe('the report of a run that the snapshot does not know well', () => {
  it.each(storedVersions().map((version) => [version]))(
    'is drawn from a snapshot of version %i of the schema',
    async (version) => {
      fixture.remove();
      restoreDataRoot(version, fixture.root);
      fs.copyFileSync(fixture.path('warehouse.duckdb'), fixture.path('warehouse.snapshot.duckdb'));
      const [run] = await fixture.ask(
        'SELECT run_id, stored_count FROM etl_run WHERE stored_count > 0 ORDER BY started_at LIMIT 1',
      );
      const report = await fixture.draw(String(run?.run_id));
      expect(report).not.toContain('The snapshot cannot answer this');
      expect(textOf(report)).toMatch(new RegExp(`hosts?: ${String(run?.stored_count)} stored \\(`));
    },
  );

  it('says that there is no snapshot, or that it is damaged', async () => {
    fixture.openRun('r1', '2026-01-01T00:00:00.000Z');
    const failed = { state: 'failed', endedAt: '2026-01-01T00:00:09.000Z' } as const;
    const step = {
      name: 'ingest',
      state: 'failed',
      code: 'catalog_missing',
      detail: 'no x.csv',
    } as const;
    const entry = { state: 'failed', step, cutOff: false } as const;
    const without = textOf(await fixture.draw('r1', failed, entry));
    expect(without).toContain('failed : catalog_missing: no x.csv');
    expect(without).toContain('nothing was published yet');
    expect(without).toContain('The run did not complete.');
    fs.writeFileSync(fixture.path('warehouse.snapshot.duckdb'), 'no database'.repeat(1_000));
    expect(textOf(await fixture.draw('r1', failed, entry))).toContain(
      'There is no snapshot that can be read (',
    );
  });

  it('says so while the run is under way', async () => {
    await runWithEverything();
    const step = { name: 'download', state: 'running', code: null, detail: null } as const;
    const report = await fixture.draw('r1', null, { state: 'running', step, cutOff: false });
    expect(textOf(report)).toContain(
      'The run has not ended. See how far it is: artemis-pipeline status w-r1',
    );
  });
});
