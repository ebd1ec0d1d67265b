/**
 * A file in the place of the warehouse that is damaged or something else is reported as such and
 * never deleted.
 */
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import { asWarehouseError } from '../../../src/warehouse/driver/duckdb-errors';
import { ledgerLine, WarehouseFixture } from '../warehouse-fixture';

const all = { warehouseId: 'w', runId: null };
const SEED = Math.floor(Math.random() * 2 ** 31);
const catalog = Array.from({ length: 500 }, (_, n) => ({ id: `i${n}`, url: `http://h/i${n}` }));

let fixture: WarehouseFixture;
let file: string;
beforeEach(async () => {
  fixture = new WarehouseFixture();
  file = fixture.path('warehouse.duckdb');
  await fixture.merge('r1', catalog);
  fixture.append(
    'r1',
    catalog.map(({ id }) => ledgerLine({ id })),
  );
  await fixture.warehouse.commitLedgers(all);
});
afterEach(() => {
  fixture.remove();
});

/**
 * The first page of an SQLite file.
 *
 * @see sqlite.org, "Database File Format".
 */
function sqliteFile(): Buffer {
  const bytes = Buffer.alloc(8_192);
  bytes.write('SQLite format 3\0');
  bytes.writeUInt16BE(4_096, 16);
  return bytes;
}

const firstHalf = (bytes: Buffer): Buffer => bytes.subarray(0, Math.floor(bytes.length / 2));

describe('something else in the place of the warehouse', () => {
  const cases: readonly (readonly [string, (bytes: Buffer) => Buffer])[] = [
    ['an empty file', () => Buffer.alloc(0)],
    ['the first bytes of a warehouse', (bytes) => bytes.subarray(0, 1_000)],
    ['the first half of a warehouse', firstHalf],
    ['noise', () => randomBytes(50_000)],
    ['a CSV file', () => Buffer.from('id,url\n1,http://h/1\n'.repeat(1_000))],
    ['an SQLite file', sqliteFile],
  ];
  it.each(cases)(
    'is reported as db_corrupt and kept, and a new warehouse is built from the disk (%s)',
    async (_what, change) => {
      const bytes = change(fs.readFileSync(file));
      fs.writeFileSync(file, bytes);
      fixture.append('r1', [ledgerLine({ id: 'i1', outcome: 'failed' })]);
      const commit = fixture.warehouse.commitLedgers(all);
      await expect(commit).rejects.toMatchObject({ code: 'db_corrupt', retryable: false });
      await expect(commit).rejects.toThrow(`artemis-pipeline rebuild --data ${fixture.root}"`);
      await expect(fixture.merge('r1', catalog)).rejects.toMatchObject({ code: 'db_corrupt' });
      expect(fs.readFileSync(file).equals(bytes)).toBe(true);
      fs.renameSync(file, `${file}.broken`);
      await fixture.merge('r1', catalog);
      expect(await fixture.warehouse.commitLedgers(all)).toMatchObject({ applied: 501 });
      expect(await fixture.differences()).toEqual([]);
    },
  );

  it('is reported as db_corrupt and kept (a folder)', async () => {
    fs.rmSync(file);
    fs.mkdirSync(file);
    await expect(fixture.warehouse.commitLedgers(all)).rejects.toMatchObject({
      code: 'db_corrupt',
    });
    await expect(fixture.merge('r1', catalog)).rejects.toMatchObject({ code: 'db_corrupt' });
    expect(fs.statSync(file).isDirectory()).toBe(true);
  });
});

describe('flipped bits', () => {
  it(`are reported as db_corrupt or db_newer, or change nothing (seed ${SEED})`, async () => {
    const whole = fs.readFileSync(file);
    let state = SEED;
    const random = (below: number): number => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
    const codes: string[] = [];
    for (let turn = 0; turn < 12; turn += 1) {
      const bytes = Buffer.from(whole);
      // The file's three headers, one page each, are damaged as often as its body.
      const at = random(turn % 2 === 0 ? 3 * 4_096 : bytes.length);
      bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << random(8)), at);
      fs.writeFileSync(file, bytes);
      const code = await fixture.differences().then(
        (differences) => {
          expect(differences).toEqual([]);
          return 'harmless';
        },
        (error: unknown) => asWarehouseError(error, 'read it', null)?.code ?? String(error),
      );
      expect(code).toMatch(/^(harmless|db_corrupt|db_newer)$/);
      codes.push(`${at} ${code}`);
    }
    process.stderr.write(`12 flipped bits, seed ${SEED}: ${codes.join(', ')}\n`);
  });
});
