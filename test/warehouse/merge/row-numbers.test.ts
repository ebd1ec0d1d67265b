/** Commits use row numbers of the snapshot only as long as they are those of the warehouse. */
import { killNow, openElsewhere } from '../open-elsewhere';
import { ledgerLine, WarehouseFixture } from '../warehouse-fixture';

const IMAGES = 21_000;
const catalog = Array.from({ length: IMAGES }, (_, n) => ({ id: `i${n}`, url: `http://h/i${n}` }));
const moved = catalog.map(({ id, url }, n) => ({ id, url: n < 10 ? 'http://h/moved' : url }));

let fixture: WarehouseFixture;
let file: string;
beforeEach(async () => {
  fixture = new WarehouseFixture();
  file = fixture.path('warehouse.duckdb');
  await fixture.merge('r1', catalog);
});
afterEach(() => {
  fixture.remove();
});

describe('row numbers of the snapshot', () => {
  it('are not used after another program has written the warehouse', async () => {
    await fixture.query('SELECT 1');
    // Rewrites the same images with other row numbers, in a file of the same schema.
    await killNow(
      await openElsewhere(file, [
        'CREATE TABLE kept AS FROM dim_image',
        'DELETE FROM dim_image',
        'CHECKPOINT',
        'INSERT INTO dim_image FROM kept ORDER BY record DESC',
        'DROP TABLE kept',
        'CHECKPOINT',
      ]),
    );
    fixture.append('r1', [ledgerLine({ id: 'i3' }), ledgerLine({ id: 'i20000' })]);
    await fixture.warehouse.commitLedgers({ warehouseId: 'w', runId: null });
    expect(
      await fixture.query('SELECT source_image_id AS id FROM dim_image WHERE thumb_downloaded'),
    ).toEqual(expect.arrayContaining([{ id: 'i3' }, { id: 'i20000' }]));
    expect(await fixture.differences()).toEqual([]);
  });

  it('give the same tables as searching does, over commits, publications and merges', async () => {
    const commit = async (ids: readonly number[], execution: string): Promise<void> => {
      fixture.append(
        'r1',
        ids.map((n) => ledgerLine({ id: `i${n}`, execution })),
      );
      await fixture.warehouse.commitLedgers({ warehouseId: 'w', runId: null });
    };
    await commit([1, 2], 'before');
    await fixture.query('SELECT 1');
    await commit([2, 3, 20_999], 'after');
    await commit([3, 4], 'again');
    await fixture.merge('r2', [{ id: 'new', url: 'http://h/new' }, ...moved], {
      startedAt: '2026-01-02T00:00:00.000Z',
    });
    await commit([5, 15], 'merged');
    await fixture.query('SELECT 1');
    await commit([6, 16], 'published');
    expect(await fixture.differences()).toEqual([]);
    expect(
      await fixture.ask(
        'SELECT source_image_id AS id FROM dim_image WHERE thumb_downloaded ORDER BY record',
      ),
    ).toEqual([{ id: 'i15' }, { id: 'i16' }, { id: 'i20999' }]);
  });
});
