/**
 * A write-ahead log beside the warehouse is replayed if a killed writer left it, and moved aside
 * otherwise. It is never deleted.
 */
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { killNow, leaveWal, openElsewhere } from '../open-elsewhere';
import { ledgerLine, WarehouseFixture } from '../warehouse-fixture';

const all = { warehouseId: 'w', runId: null };
const abc = ['a', 'b', 'c'].map((id) => ({ id, url: `http://h/${id}` }));
const insertReject = (n: number): string =>
  `INSERT INTO catalog_reject VALUES ('r1', ${n}, ${n}, 'x${n}', 'bad_row', 'left in the log')`;
const LEFT = "SELECT count(*) AS n FROM catalog_reject WHERE detail = 'left in the log'";

let fixture: WarehouseFixture;
let wal: string;
beforeEach(async () => {
  fixture = new WarehouseFixture();
  wal = fixture.path('warehouse.duckdb.wal');
  await fixture.merge('r1', abc);
  fixture.append('r1', [ledgerLine({ id: 'a' })]);
  await fixture.warehouse.commitLedgers(all);
});
afterEach(() => {
  fixture.remove();
});

/** The contents of the logs that were moved aside. */
function logsAside(): readonly Buffer[] {
  return fs
    .readdirSync(fixture.root)
    .filter((name) => name.startsWith('warehouse.duckdb.wal.aside-'))
    .map((name) => fs.readFileSync(fixture.path(name)));
}

/**
 * Expects that acknowledged outcomes are present and that the warehouse accepts further commits.
 */
async function expectWhole(): Promise<void> {
  fixture.append('r1', [ledgerLine({ id: 'b' })]);
  await fixture.warehouse.commitLedgers(all);
  expect(await fixture.query('SELECT source_image_id AS id FROM fact_download ORDER BY 1')).toEqual(
    [{ id: 'a' }, { id: 'b' }],
  );
  expect(fs.existsSync(wal)).toBe(false);
}

async function leaveThree(): Promise<Buffer> {
  await leaveWal(fixture.path('warehouse.duckdb'), [1, 2, 3].map(insertReject));
  return fs.readFileSync(wal);
}

function withFlippedByte(log: Buffer, at: number): Buffer {
  const copy = Buffer.from(log);
  copy.writeUInt8(copy.readUInt8(at) ^ 0xff, at);
  return copy;
}

describe('a log that a kill left', () => {
  const cases: readonly (readonly [string, (log: Buffer) => Buffer, number])[] = [
    ['whole', (log) => log, 3],
    ['cut in its last record', (log) => log.subarray(0, log.length - 20), 2],
    ['followed by noise', (log) => Buffer.concat([log, randomBytes(300)]), 3],
    ['cut after its first bytes', (log) => log.subarray(0, 4), 0],
    ['only its first record', (log) => log.subarray(0, 8), 0],
    ['empty', () => Buffer.alloc(0), 0],
  ];
  it.each(cases)('is replayed when it is %s', async (_what, change, transactions) => {
    fs.writeFileSync(wal, change(await leaveThree()));
    await expectWhole();
    expect(await fixture.ask(LEFT)).toEqual([{ n: transactions }]);
  });
});

describe('a damaged log', () => {
  const cases: readonly (readonly [string, (log: Buffer) => Buffer])[] = [
    ['a tail of zeros, as after a power cut', (log) => Buffer.concat([log, Buffer.alloc(4_096)])],
    ['a flipped bit in the middle', (log) => withFlippedByte(log, Math.floor(log.length / 2))],
    ['a flipped bit in its first bytes', (log) => withFlippedByte(log, 0)],
    ['noise', () => randomBytes(500)],
    ['zeros', () => Buffer.alloc(4_096)],
  ];
  it.each(cases)(
    'stops the step and is moved aside, and a retry continues (%s)',
    async (_what, change) => {
      const damaged = change(await leaveThree());
      fs.writeFileSync(wal, damaged);
      const main = fs.readFileSync(fixture.path('warehouse.duckdb'));
      await expect(fixture.warehouse.commitLedgers(all)).rejects.toMatchObject({
        code: 'db_wal_corrupt',
        message: expect.stringContaining('warehouse.duckdb.wal.aside-') as string,
      });
      expect(logsAside()).toEqual([damaged]);
      expect(fs.readFileSync(fixture.path('warehouse.duckdb')).equals(main)).toBe(true);
      await expectWhole();
      expect(await fixture.ask(LEFT)).toEqual([{ n: 0 }]);
    },
  );
});

describe('a log of another database', () => {
  let other: WarehouseFixture;
  beforeEach(() => {
    other = new WarehouseFixture();
  });
  afterEach(() => {
    other.remove();
  });

  async function expectRefused(file: string): Promise<void> {
    const foreign = fs.readFileSync(`${file}.wal`);
    fs.copyFileSync(`${file}.wal`, wal);
    await expect(
      fixture.warehouse.publishSnapshot({ ...all, record: null, materialise: false }),
    ).rejects.toMatchObject({ code: 'db_wal_corrupt' });
    expect(logsAside()).toEqual([foreign]);
    await expectWhole();
  }

  it('stops the step and is moved aside when it creates tables', async () => {
    const file = path.join(other.root, 'other.duckdb');
    await leaveWal(file, ['CREATE TABLE theirs AS SELECT 1 AS x', 'INSERT INTO theirs VALUES (2)']);
    await expectRefused(file);
  });

  it('stops the step and is moved aside when it writes to tables that do not exist here', async () => {
    const file = path.join(other.root, 'other.duckdb');
    await leaveWal(file, ['CREATE TABLE theirs AS SELECT 1 AS x', 'CHECKPOINT']);
    await leaveWal(file, ['INSERT INTO theirs VALUES (2)']);
    await expectRefused(file);
  });

  it('stops the step and is moved aside when it belongs to another warehouse', async () => {
    await other.merge('r9', abc);
    await leaveWal(other.path('warehouse.duckdb'), [
      `INSERT INTO etl_commit VALUES ('runs/r9/ledger/l/e.ndjson', 'r9', 10, 'ab', 1, TIMESTAMP '2026-01-01')`,
    ]);
    await expectRefused(other.path('warehouse.duckdb'));
  });
});

describe('a log without its database', () => {
  it('stops the step and is moved aside, and the retry creates a new warehouse', async () => {
    const log = await leaveThree();
    fs.rmSync(fixture.path('warehouse.duckdb'));
    await expect(fixture.warehouse.commitLedgers(all)).rejects.toMatchObject({
      code: 'db_wal_corrupt',
    });
    expect(logsAside()).toEqual([log]);
    await fixture.merge('r1', abc);
    await expectWhole();
  });
});

describe('a log of a running program', () => {
  it('is left alone, and the warehouse is reported as locked', async () => {
    const shell = await openElsewhere(fixture.path('warehouse.duckdb'), [insertReject(1)]);
    try {
      const log = fs.readFileSync(wal);
      await expect(fixture.warehouse.commitLedgers(all)).rejects.toMatchObject({
        code: 'db_locked',
        message: expect.stringContaining(`PID ${shell.pid ?? 0}`) as string,
      });
      expect(fs.readFileSync(wal).equals(log)).toBe(true);
    } finally {
      await killNow(shell);
    }
    await expectWhole();
    expect(await fixture.ask(LEFT)).toEqual([{ n: 1 }]);
  });
});
