/** The pictures in reports, made from real files of a data root. */
import fs from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import { DuckDBInstance } from '@duckdb/node-api';
import { withThumbnails, thumbnailPlace } from '../../src/report/html/thumbnail';
import { picture } from '../helpers/images/images';
import { appendFeatures, computed, sha256 } from '../warehouse/feature-lines';
import { ledgerLine } from '../warehouse/warehouse-fixture';
import { queriesIn, ReportFixture } from './report-fixture';

let fixture: ReportFixture;
beforeEach(() => {
  fixture = new ReportFixture();
});
afterEach(() => {
  fixture.remove();
});

const HOSTILE = '"><img src="thumbnail:x" onerror=alert(1)>';
const IDS = ['a', 'b', 'copy', 'lost', 'damaged', HOSTILE];

const nameOf = (id: string): string => (id === 'copy' ? 'a' : id);
const pathOf = (id: string): string =>
  `raw/images/thumbs/aa/${sha256(nameOf(id)).slice(0, 12)}.jpg`;

/** Six stored images: two are copies, the file of one is gone, and that of one is no image. */
async function runWithFiles({ hasFeatures = true } = {}): Promise<void> {
  const lines = IDS.map((id) => ledgerLine({ id, sha256: sha256(nameOf(id)), path: pathOf(id) }));
  for (const [seed, id] of IDS.entries()) {
    const file = fixture.path(...pathOf(id).split('/'));
    fs.mkdirSync(path.dirname(file), { recursive: true });
    if (id !== 'lost') fs.writeFileSync(file, await picture('jpeg', { seed: seed + 1, size: 300 }));
    if (id === 'damaged') fs.writeFileSync(file, 'no image');
  }
  await fixture.run(
    'r1',
    IDS.map((id) => ({ id, url: `http://h/${id}` })),
    lines,
  );
  if (!hasFeatures) return;
  appendFeatures(fixture.root, 'r1', [computed('a'), computed('b')]);
  await fixture.warehouse.commitFeatures({ warehouseId: 'w', runId: 'r1' });
  await fixture.warehouse.publishSnapshot({ warehouseId: 'w', record: null, materialise: true });
}

/** Adds tables to the published snapshot, as steps of a run do. */
async function addToSnapshot(sql: string): Promise<void> {
  const instance = await DuckDBInstance.create(fixture.path('warehouse.snapshot.duckdb'));
  const connection = await instance.connect();
  await connection.run(sql);
  connection.closeSync();
  instance.closeSync();
}

/** The alternative texts of the pictures in a section, and of the places without one. */
function picturesBelow(report: string, id: string): readonly string[] {
  const from = report.indexOf(`<h2 id="${id}"`);
  if (from < 0) return [];
  const section = report.slice(from, report.indexOf('</section>', from));
  const found = section.matchAll(
    /<img[^>]*src="data:image\/webp;base64,[^"]+"[^>]*alt="([^"]*)"|role="img" aria-label="([^"]*)"/g,
  );
  return [...found].map(([, alt, label]) => alt ?? `no picture of ${label ?? ''}`);
}

describe('the pictures of a report', () => {
  it('are those of new images, of issues, of copies and of groups, as files in the page', async () => {
    await runWithFiles();
    await addToSnapshot(`
      CREATE TABLE quality AS SELECT *, 'as in image' AS thumb_path FROM (VALUES ('blurry', 'a', 3.0), ('blurry', 'b', 2.0),
        ('exact_duplicate', 'a', 2.0)) AS issue(issue, source_image_id, value);
      CREATE TABLE cluster AS SELECT 'near' AS kind, 'c1' AS cluster_id, 'boats' AS label;
      CREATE TABLE cluster_member AS SELECT 'near' AS kind, 'c1' AS cluster_id, id AS source_image_id,
        distance FROM (VALUES ('b', 2.0), ('a', 0.0)) AS member(id, distance)`);
    const report = await fixture.draw('r1');
    expect(picturesBelow(report, 'new-pictures').slice(0, 5)).toEqual([
      ...['a', 'b', 'copy', 'no picture of lost', 'no picture of damaged'],
    ]);
    expect(picturesBelow(report, 'issue-pictures')).toEqual(['b', 'a']);
    expect(picturesBelow(report, 'copy-pictures')).toEqual(['2 × a']);
    expect(picturesBelow(report, 'near-pictures')).toEqual(['a', 'b']);
    expect(picturesBelow(report, 'visual-pictures')).toEqual([]);
    expect(report).toContain('<bdi>boats</bdi>');
    for (const sql of queriesIn(report)) expect(await fixture.ask(sql)).toBeInstanceOf(Array);
    const [, first = ''] = /data:image\/webp;base64,([^"]+)"/.exec(report) ?? [];
    const { format, width, height } = await sharp(Buffer.from(first, 'base64')).metadata();
    expect({ format, width, height }).toEqual({ format: 'webp', width: 96, height: 96 });
  });

  it('let no id of a catalog become a picture or a script', async () => {
    await runWithFiles();
    const report = await fixture.draw('r1');
    expect(report.replace(/"[^"]*"/g, '""')).not.toMatch(/<[^>]*\sonerror=/);
    expect(report).not.toContain('src="thumbnail:');
    expect(report).toContain('img-src data:');
    for (const [tag] of report.matchAll(/<img[^>]*>/g))
      expect(tag).toContain('src="data:image/webp;base64,');
  });

  it('are absent where no file has features', async () => {
    await runWithFiles({ hasFeatures: false });
    expect(await fixture.draw('r1')).not.toContain('<img');
  });

  it('are left out where the report would become too large to be mailed', () => {
    const [one, two] = [sha256('one'), sha256('two')];
    const page = [one, two, one].map((sha, at) => thumbnailPlace(sha, `image ${at}`).text).join('');
    const files = new Map([
      [one, Buffer.alloc(600)],
      [two, Buffer.alloc(6_000)],
    ]);
    const filled = withThumbnails(page, files, page.length + 2_000);
    expect(filled.length).toBeLessThanOrEqual(page.length + 2_000);
    expect([...filled.matchAll(/alt="([^"]*)"/g)].map(([, alt]) => alt)).toEqual([
      'image 0',
      'image 2',
    ]);
    expect(filled).toContain('aria-label="image 1">no picture</span>');
  });
});
