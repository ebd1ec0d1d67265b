/** The models and checks of the package, over a small collection whose answers are known. */
import type { LedgerLine } from '../../src/contract/outcome';
import { readModelFiles } from '../../src/models/read-model-files';
import { ledgerLine, urlHash } from '../warehouse/warehouse-fixture';
import { appendFeatures, computed, sha256, VALUES } from '../warehouse/feature-lines';
import { checkOf, ModelFixture, type Row } from './model-fixture';

let fixture: ModelFixture;

/**
 * Images of two hosts: stored, copies, failed for now and for good, without a URL, gone, changed.
 */
const URLS: Readonly<Record<string, string | null>> = {
  good: 'http://a.example/good',
  copy: 'http://a.example/copy',
  same_url: 'http://a.example/copy',
  wide: 'http://b.example/wide',
  gone: 'http://b.example/gone',
  changed: 'http://b.example/changed',
  dead: 'http://b.example/dead',
  late: 'http://b.example/late',
  no_url: null,
};

function stored(id: string, of: Partial<LedgerLine> = {}): LedgerLine {
  return ledgerLine({ id, ...urlOf(id), sha256: sha256(id), width: 100, height: 80, ...of });
}

function urlOf(id: string): { readonly urlHash: string } {
  return { urlHash: urlHash(URLS[id] ?? '') };
}

beforeAll(async () => {
  fixture = new ModelFixture();
  await fixture.merge(
    'r1',
    Object.entries(URLS).map(([id, url]) => ({ id, url })),
  );
  fixture.append('r1', [
    stored('good', { bytes: 1_000 }),
    stored('copy', { bytes: 1_000, sha256: sha256('good') }),
    stored('same_url', { bytes: 1_000, sha256: sha256('good') }),
    stored('wide', { width: 1_000, height: 100, format: 'png', verdict: 'suspect' }),
    stored('gone'),
    stored('changed', { sha256: sha256('before') }),
    ledgerLine({ id: 'dead', ...urlOf('dead'), outcome: 'failed', detail: 'Not here' }),
    ledgerLine({
      id: 'late',
      ...urlOf('late'),
      outcome: 'failed',
      code: 'timeout',
      retryable: true,
    }),
  ]);
  fixture.openRun('r2', '2026-01-02T00:00:00.000Z');
  const day = { at: '2026-01-02T10:00:00.000Z', execution: 'e2' };
  fixture.append('r2', [
    ledgerLine({ id: 'gone', ...urlOf('gone'), outcome: 'failed', code: 'http_410', ...day }),
    stored('changed', day),
  ]);
  appendFeatures(fixture.root, 'r1', [
    computed('good', { values: { ...VALUES, brightness: 0.05, sharpness: 10 } }),
    computed('wide', { values: { ...VALUES, grey: 1, entropy: 1, brightness: 0.99 } }),
  ]);
  await fixture.warehouse.commitLedgers({ warehouseId: 'w', runId: null });
  await fixture.warehouse.commitFeatures({ warehouseId: 'w', runId: 'r1' });
  await fixture.publish();
  const build = await fixture.build();
  expect(build.models.filter(({ error }) => error !== null)).toEqual([]);
});
afterAll(() => {
  fixture.remove();
});

function ask(sql: string): Promise<readonly Row[]> {
  return fixture.askDerived(sql);
}

/** The rows as lists of values. */
async function values(sql: string): Promise<readonly (readonly unknown[])[]> {
  return (await ask(sql)).map((row) => Object.values(row));
}

describe('the models of the package', () => {
  it('have a sentence each that says what a row is', () => {
    const silent = readModelFiles(fixture.root).filter(
      ({ doc }) => doc === null || doc.length < 20,
    );
    expect(silent).toEqual([]);
  });

  it('count images, requests and bytes of each host', async () => {
    const columns =
      'host, images, stored, failed, pending, failed_share, commonest_code, requests, bytes';
    expect(await values(`SELECT ${columns} FROM by_host`)).toEqual([
      // The last attempt for `gone` failed, but its file is still there.
      ['b.example', '5', '3', '2', '0', 0.4, 'http_404', '7', '300'],
      ['a.example', '3', '3', '0', '0', 0, null, '3', '3000'],
    ]);
  });

  it('say why images failed, with an example', async () => {
    expect(await values('FROM by_code')).toEqual([
      ['http_404', '1', '0', '1', 'dead', 'Not here'],
      ['timeout', '1', '1', '1', 'late', null],
    ]);
  });

  it('count what each run and each day brought', async () => {
    expect(
      await values('SELECT run_id, new_images, stored, failed, bytes, requests FROM by_run'),
    ).toEqual([
      ['r1', '9', '6', '2', '3300', '8'],
      ['r2', '0', '1', '1', '100', '2'],
    ]);
    expect(await values('SELECT day, images, stored, failed, bytes, requests FROM by_day')).toEqual(
      [
        ['2026-01-01', '8', '6', '2', '3300', '8'],
        ['2026-01-02', '2', '1', '1', '100', '2'],
      ],
    );
  });

  it('describe formats and sizes of stored images', async () => {
    const formats =
      'format, images, files, doubtful, bytes, median_bytes, median_width, bytes_per_pixel';
    expect(await values(`SELECT ${formats} FROM by_format`)).toEqual([
      ['jpeg', '5', '3', '0', '3200', '1000', 100, 0.08],
      ['png', '1', '1', '1', '100', '100', 1000, 0.001],
    ]);
    const sizes = 'from_pixels, to_pixels, images, landscape, portrait, square, bytes';
    expect(await values(`SELECT ${sizes} FROM sizes`)).toEqual([
      ['64', '127', '5', '5', '0', '0', '3200'],
      ['512', '1023', '1', '1', '0', '0', '100'],
    ]);
  });

  it('name each issue of quality with the value and the limit', async () => {
    expect(
      await values(
        'SELECT issue, source_image_id, round(value, 2), "limit" FROM quality ORDER BY ALL',
      ),
    ).toEqual([
      ['blurry', 'copy', 10, 50],
      ['blurry', 'good', 10, 50],
      ['blurry', 'same_url', 10, 50],
      ['bright', 'wide', 0.99, 0.95],
      ['dark', 'copy', 0.05, 0.1],
      ['dark', 'good', 0.05, 0.1],
      ['dark', 'same_url', 0.05, 0.1],
      ['exact_duplicate', 'copy', 3, 1],
      ['exact_duplicate', 'same_url', 3, 1],
      ['grey', 'wide', 1, 0.99],
      ['low_information', 'wide', 1, 2],
      ['odd_aspect', 'wide', 10, 4],
      ['odd_size', 'wide', 12.5, 10],
    ]);
  });

  it('find copies, of which only further URLs waste bytes', async () => {
    const columns = 'kind, cluster_id, images, urls, wasted_bytes, example_image_id';
    expect(await values(`SELECT ${columns} FROM duplicates`)).toEqual([
      ['exact', sha256('good').slice(0, 16), '3', '2', '1000', 'good'],
    ]);
  });

  it('find what is gone and what has changed since it was stored', async () => {
    expect(
      await values('SELECT source_image_id, what, code, sha256, former_sha256 FROM link_rot'),
    ).toEqual([
      ['changed', 'changed', null, sha256('changed'), sha256('before')],
      ['gone', 'gone', 'http_410', sha256('gone'), null],
    ]);
  });

  it('list what the catalog promises and the collection lacks', async () => {
    expect(await values('SELECT gap, source_image_id, record, code FROM catalog_gaps')).toEqual([
      ['failed_for_good', 'dead', '7', 'http_404'],
      ['no_url', 'no_url', '9', null],
      ['rejected', '', '9', 'bad_id'],
    ]);
  });

  it('warn of doubtful files and of nothing else here', async () => {
    expect(
      await values(
        "SELECT name, state, bad_rows, example::JSON->>'$.thumb_verdict' FROM check_result",
      ),
    ).toEqual([
      ['doubtful_files', 'warned', '1', 'suspect'],
      ['failing_hosts', 'passed', '0', null],
      ['placeholders', 'passed', '0', null],
    ]);
  });
});

describe('the checks of the package', () => {
  it('find a placeholder and a host that fails', async () => {
    const many = new ModelFixture();
    try {
      const ids = Array.from({ length: 40 }, (_, index) => `i${index}`);
      await many.merge(
        'r1',
        ids.map((id, index) => ({
          id,
          url: `http://${index < 20 ? 'same' : 'bad'}.example/${id}`,
        })),
      );
      const lines = ids.map((id, index) => {
        const host = index < 20 ? 'same' : 'bad';
        const of = { id, urlHash: urlHash(`http://${host}.example/${id}`) };
        return host === 'same' || index >= 31
          ? ledgerLine({ ...of, sha256: sha256(host === 'same' ? 'placeholder' : id) })
          : ledgerLine({ ...of, outcome: 'failed' });
      });
      many.append('r1', lines);
      await many.warehouse.commitLedgers({ warehouseId: 'w', runId: 'r1' });
      await many.publish(false);
      const build = await many.build();
      const placeholder = JSON.parse(checkOf(build, 'placeholders').example ?? '') as unknown;
      expect(placeholder).toMatchObject({ host: 'same.example', images: 20, urls: 20 });
      const failing = JSON.parse(checkOf(build, 'failing_hosts').example ?? '') as unknown;
      expect(failing).toEqual({
        host: 'bad.example',
        images: 20,
        failed: 11,
        commonest_code: 'http_404',
      });
    } finally {
      many.remove();
    }
  });
});

describe('with the tables of clusters', () => {
  it('near duplicates are groups of their own and issues of quality', async () => {
    await fixture.addToSnapshot(CLUSTERS);
    const build = await fixture.build();
    expect(build.models.filter(({ error }) => error !== null)).toEqual([]);
    const near = await values("SELECT * EXCLUDE (kind) FROM duplicates WHERE kind = 'near'");
    expect(near).toEqual([['c1', '2', '2', '2', '100', 'wide', sha256('wide')]]);
    const issues = "SELECT source_image_id, value FROM quality WHERE issue = 'near_duplicate'";
    expect(await values(issues)).toEqual([['gone', 3]]);
  });
});

/** As the step `clusters` publishes them: `gone` is a near duplicate of `wide`. */
const CLUSTERS = `
  CREATE TABLE cluster AS SELECT 'near' AS kind, 'c1' AS cluster_id, 2::INTEGER AS size,
    2::INTEGER AS files, '${sha256('wide')}' AS representative_sha256,
    'wide' AS representative_image_id, 3::SMALLINT AS max_distance, 100::BIGINT AS wasted_bytes,
    NULL::VARCHAR AS label, NULL::VARCHAR AS parent_id;
  CREATE TABLE cluster_member AS SELECT 'near' AS kind, 'c1' AS cluster_id,
    unnest(['wide', 'gone']) AS source_image_id,
    unnest(['${sha256('wide')}', '${sha256('gone')}']) AS sha256,
    unnest([0, 3])::FLOAT AS distance, unnest([true, false]) AS is_representative`;
