/**
 * A large merge is made on a private copy, which replaces the file by one rename, but never while
 * another program has the file open.
 */
import fs from 'node:fs';
import { killNow, openElsewhere } from '../open-elsewhere';
import { WarehouseFixture } from '../warehouse-fixture';

const IMAGES = 21_000;
const catalog = Array.from({ length: IMAGES }, (_, n) => ({ id: `i${n}`, url: `http://h/i${n}` }));
const moved = catalog.map(({ id, url }, n) => ({ id, url: n < 10 ? 'http://h/moved' : url }));
const MOVED = "SELECT count(*) AS n FROM dim_image WHERE thumb_url = 'http://h/moved'";

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

describe('a large merge', () => {
  it('replaces the file by a rename, and a program that has the old one open sees it unchanged', async () => {
    const before = fs.readFileSync(file);
    fs.linkSync(file, fixture.path('old.duckdb'));
    const { lockHeldMs } = await fixture.merge('r2', moved);
    expect(lockHeldMs).toBeLessThan(1_000);
    expect(fs.statSync(file).ino).not.toBe(fs.statSync(fixture.path('old.duckdb')).ino);
    expect(fs.readFileSync(fixture.path('old.duckdb')).equals(before)).toBe(true);
    expect(await fixture.query(MOVED)).toEqual([{ n: 10 }]);
    expect(fs.readdirSync(fixture.path('tmp'))).toEqual([]);
  });

  it.each([
    ['for reading', true],
    ['for writing', false],
  ])(
    'is refused while another program has the file open %s, and succeeds once that has ended',
    async (_how, readOnly) => {
      await fixture.prepare('r2', moved);
      const shell = await openElsewhere(file, ['SELECT count(*) FROM dim_image'], readOnly);
      try {
        await expect(
          fixture.warehouse.mergeCatalog(fixture.mergeInput('r2')),
        ).rejects.toMatchObject({
          code: 'db_locked',
          retryable: true,
          message: expect.stringContaining(`PID ${shell.pid ?? 0}`) as string,
        });
        expect(fs.readdirSync(fixture.path('tmp'))).toEqual([]);
      } finally {
        await killNow(shell);
      }
      await fixture.warehouse.mergeCatalog(fixture.mergeInput('r2'));
      expect(await fixture.query(MOVED)).toEqual([{ n: 10 }]);
    },
  );

  it('keeps what another program wrote during the merge', async () => {
    await fixture.prepare('r2', moved);
    const merging = fixture.warehouse.mergeCatalog(fixture.mergeInput('r2'));
    const outcome = merging.then(
      () => 'merged',
      (error: unknown) => error,
    );
    while (!fs.readdirSync(fixture.path('tmp')).some((name) => name.startsWith('warehouse-')))
      await new Promise((resolve) => setImmediate(resolve));
    const note = "INSERT INTO catalog_reject VALUES ('r1', 1, 1, 'x', 'bad_row', 'by hand')";
    await killNow(await openElsewhere(file, [note, 'CHECKPOINT']));
    const result = await outcome;
    if (result !== 'merged') {
      expect(result).toMatchObject({ code: 'db_locked' });
      await fixture.warehouse.mergeCatalog(fixture.mergeInput('r2'));
    }
    const kept = "SELECT count(*) AS n FROM catalog_reject WHERE detail = 'by hand'";
    expect(await fixture.query(kept)).toEqual([{ n: 1 }]);
    expect(await fixture.ask(MOVED)).toEqual([{ n: 10 }]);
  });
});
