/** A large merge: made on a private copy, in place by one rename, and never over what another program has open. */
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
  it('takes the place of the old file by a rename: whoever has that one open sees it as it was', async () => {
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
    'is refused while another program has the file open %s, and is made once that is gone',
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

  it('does not take away what another program wrote meanwhile', async () => {
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
    const seen = await outcome;
    if (seen !== 'merged') {
      expect(seen).toMatchObject({ code: 'db_locked' });
      await fixture.warehouse.mergeCatalog(fixture.mergeInput('r2'));
    }
    const kept = "SELECT count(*) AS n FROM catalog_reject WHERE detail = 'by hand'";
    expect(await fixture.query(kept)).toEqual([{ n: 1 }]);
    expect(await fixture.ask(MOVED)).toEqual([{ n: 10 }]);
  });
});
