import { ledgerLine, urlHash, WarehouseFixture } from '../warehouse-fixture';

let fixture: WarehouseFixture;
beforeEach(() => {
  fixture = new WarehouseFixture();
});
afterEach(() => {
  fixture.remove();
});

const abc = ['a', 'b', 'c'].map((id) => ({ id, url: `http://h/${id}` }));
const all = { warehouseId: 'w', runId: null };
const STATES = 'SELECT source_image_id AS id, state, code FROM image_state ORDER BY 1';

describe('merging a catalog', () => {
  it('records images, the catalog’s columns, rejects and the run', async () => {
    const result = await fixture.merge('r1', [...abc, { id: 'd', url: null, title: 'no link' }]);
    expect(result).toMatchObject({ added: 4, removed: 0, returned: 0, urlChanged: 0 });
    expect(await fixture.query(STATES)).toEqual([
      { id: 'a', state: 'pending', code: null },
      { id: 'b', state: 'pending', code: null },
      { id: 'c', state: 'pending', code: null },
      { id: 'd', state: 'no_url', code: null },
    ]);
    expect(await fixture.ask("FROM catalog_row WHERE source_image_id = 'd'")).toEqual([
      { source_image_id: 'd', record: 4, title: 'no link' },
    ]);
    expect(await fixture.ask('FROM catalog_reject')).toEqual([
      { run_id: 'r1', record: 9, line: 10, source_image_id: '', code: 'bad_id', detail: 'empty' },
    ]);
    expect(
      await fixture.ask('SELECT run_id, state, started_at::VARCHAR AS s FROM etl_run'),
    ).toEqual([{ run_id: 'r1', state: 'running', s: '2026-01-01 00:00:00' }]);
  });

  it('changes nothing when it is repeated', async () => {
    await fixture.merge('r1', abc);
    const before = await fixture.query('SELECT * FROM dim_image ORDER BY 1');
    expect(await fixture.merge('r1', abc)).toMatchObject({
      added: 0,
      removed: 0,
      returned: 0,
      urlChanged: 0,
    });
    expect(await fixture.query('SELECT * FROM dim_image ORDER BY 1')).toEqual(before);
    expect(await fixture.ask('SELECT count(*) AS n FROM catalog_reject')).toEqual([{ n: 1 }]);
  });

  it('marks images that left the catalog, and unmarks those that return', async () => {
    await fixture.merge('r1', abc);
    await fixture.merge('r2', abc.slice(1), {
      maxRemoved: 1,
      startedAt: '2026-01-02T00:00:00.000Z',
    });
    expect((await fixture.query(STATES))[0]).toEqual({ id: 'a', state: 'removed', code: null });
    expect(
      await fixture.ask("SELECT removed_at::VARCHAR AS at FROM image WHERE source_image_id = 'a'"),
    ).toEqual([{ at: '2026-01-02 00:00:00' }]);
    expect(await fixture.merge('r3', abc)).toMatchObject({ added: 0, returned: 1 });
    expect((await fixture.query(STATES))[0]).toEqual({ id: 'a', state: 'pending', code: null });
  });

  it('refuses a catalog that lost too many images, and changes nothing', async () => {
    await fixture.merge('r1', abc);
    await expect(fixture.merge('r2', abc.slice(1))).rejects.toMatchObject({
      code: 'catalog_shrunk',
    });
    expect(
      await fixture.query('SELECT count(*) AS n FROM dim_image WHERE removed_at IS NULL'),
    ).toEqual([{ n: 3 }]);
    expect(await fixture.ask('SELECT count(*) AS n FROM catalog_row')).toEqual([{ n: 3 }]);
  });

  it('does not count images that have another id now as gone, each new id for one of them', async () => {
    await fixture.merge('r1', [...abc, { id: 'd', url: 'http://h/a' }]);
    const renamed = abc.map(({ id, url }) => ({ id: `${id}#1`, url }));
    const startedAt = '2026-01-02T00:00:00.000Z';
    await expect(fixture.merge('r2', renamed, { startedAt })).rejects.toMatchObject({
      code: 'catalog_shrunk',
      message: expect.stringContaining(
        'lacks 1 of the 4 images that are known (3 more have',
      ) as string,
    });
    expect(
      await fixture.merge('r3', [...renamed, { id: 'd#1', url: 'http://h/a' }], { startedAt }),
    ).toMatchObject({ added: 4, removed: 4, renamed: 4 });
    expect(
      await fixture.query('SELECT state, count(*) AS n FROM image_state GROUP BY ALL ORDER BY 1'),
    ).toEqual([
      { state: 'pending', n: 4 },
      { state: 'removed', n: 4 },
    ]);
  });

  it('keeps the former file when a URL changes, and counts it again when the URL returns', async () => {
    await fixture.merge('r1', abc);
    fixture.append('r1', [ledgerLine({ id: 'a' })]);
    await fixture.warehouse.commitLedgers(all);
    const moved = [{ id: 'a', url: 'http://h/new' }, ...abc.slice(1)];
    expect(await fixture.merge('r2', moved)).toMatchObject({ urlChanged: 1 });
    const image =
      "SELECT state, thumb_downloaded AS done, last_outcome, thumb_path AS path, thumb_file_url_hash AS hash FROM image WHERE source_image_id = 'a'";
    expect(await fixture.query(image)).toEqual([
      {
        state: 'pending',
        done: false,
        last_outcome: null,
        path: 'raw/images/thumbs/aa/bb/a.jpg',
        hash: urlHash('http://h/a'),
      },
    ]);
    await fixture.merge('r3', abc);
    expect(await fixture.query(image)).toMatchObject([
      { state: 'stored', done: true, last_outcome: 'stored' },
    ]);
  });

  it('refills the table with the same content when most rows changed', async () => {
    const many = Array.from({ length: 120_000 }, (_, n) => ({
      id: `i${n}`,
      url: `http://h/i${n}`,
    }));
    await fixture.merge('r1', many);
    fixture.append('r1', [ledgerLine({ id: 'i7' })]);
    await fixture.warehouse.commitLedgers(all);
    await fixture.merge('r2', [{ id: 'first', url: null }, ...many]);
    expect(
      await fixture.query(
        'SELECT count(*) AS n, min(record) AS least, max(record) AS most, count(*) FILTER (thumb_downloaded) AS done, count(DISTINCT first_seen_run_id) AS runs FROM dim_image',
      ),
    ).toEqual([{ n: 120_001, least: 1, most: 120_001, done: 1, runs: 2 }]);
    // The primary key is still one.
    await expect(
      fixture.merge(
        'r3',
        [
          { id: 'x', url: null },
          { id: 'x', url: null },
        ],
        { replace: true },
      ),
    ).rejects.toThrow();
  });
});
