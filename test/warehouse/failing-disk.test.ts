/** Disks that fill up, become read-only, or report errors while the warehouse is written. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileHolder } from '../../src/files/process/file-holder';
import { createLogger } from '../../src/log';
import { createWarehouse } from '../../src/warehouse/warehouse';
import { canMount, SmallDisk } from './small-disk';
import { database, ledgerLine, WarehouseFixture } from './warehouse-fixture';

const all = { warehouseId: 'w', runId: null };
const IMAGES = 4_000;
const catalog = Array.from({ length: IMAGES }, (_, n) => ({ id: `i${n}`, url: `http://h/i${n}` }));
const COMMIT_ONCE = path.join(__dirname, 'commit-once.cjs');

/** Writes a new ledger with `count` outcomes. */
function append(fixture: WarehouseFixture, execution: string, count: number): void {
  const text = Array.from({ length: count }, (_, n) => {
    const line = ledgerLine({ id: `i${(n * 7) % IMAGES}`, execution });
    return `${JSON.stringify(line)}\n`;
  });
  fixture.appendText('r1', 'l000001', execution, text.join(''));
}

const onSmallDisk = canMount ? describe : describe.skip;

onSmallDisk('a small disk (a mounted tmpfs; needs root)', () => {
  let disk: SmallDisk;
  let fixture: WarehouseFixture;
  beforeEach(async () => {
    disk = new SmallDisk(32);
    fixture = new WarehouseFixture(disk.folder);
    await fixture.merge('r1', catalog);
  });
  afterEach(() => {
    disk.unmount();
  });

  it('that has tmp/ on another file system gives cross_device and leaves the warehouse unchanged', async () => {
    const other = new SmallDisk(16);
    try {
      const before = fs.readFileSync(fixture.path('warehouse.duckdb'));
      fs.rmSync(fixture.path('tmp'), { recursive: true });
      fs.symlinkSync(other.folder, fixture.path('tmp'));
      const larger = Array.from({ length: 30_000 }, (_, n) => ({
        id: `l${n}`,
        url: `http://h/l${n}`,
      }));
      await expect(fixture.merge('r2', [...catalog, ...larger])).rejects.toMatchObject({
        code: 'cross_device',
      });
      expect(fs.readFileSync(fixture.path('warehouse.duckdb')).equals(before)).toBe(true);
      expect(fs.readdirSync(other.folder)).toEqual([]);
    } finally {
      other.unmount();
    }
  });

  it('that fills up in a commit gives disk_full, and the commit is applied once there is space', async () => {
    let failures = 0;
    // From no free space to more than a commit needs.
    for (const [turn, kilobytes] of [0, 130, 400, 700, 3_000].entries()) {
      append(fixture, `full${turn}`, 300);
      disk.fill(kilobytes * 1_024);
      const result = await fixture.warehouse.commitLedgers(all).catch((error: unknown) => error);
      if (result instanceof Error) {
        expect(result).toMatchObject({ code: 'disk_full', retryable: true });
        failures += 1;
      }
      disk.makeRoom();
      await fixture.warehouse.commitLedgers(all);
    }
    expect(failures).toBeGreaterThanOrEqual(2);
    expect(await fixture.ask('SELECT 1').catch((error: unknown) => error)).toMatchObject({
      name: 'NoSnapshot',
    });
    expect(await fixture.differences()).toEqual([]);
    expect(await fixture.ask('SELECT count(*) AS n FROM fact_download')).toEqual([{ n: 1_500 }]);
  });

  it('that fills up while the writer is killed leaves a warehouse that continues once there is space', async () => {
    append(fixture, 'before', 500);
    await fixture.warehouse.commitLedgers(all);
    append(fixture, 'killed', 5_000);
    disk.fill(300 * 1_024);
    const writer = spawn(process.execPath, [COMMIT_ONCE, fixture.root], { stdio: 'ignore' });
    const exited = once(writer, 'exit');
    const file = fixture.path('warehouse.duckdb');
    while (writer.exitCode === null && fileHolder(file) === null) await delay(1);
    writer.kill('SIGKILL');
    await exited;
    // What the writer added to the file before its end may be room enough for this commit.
    disk.makeRoom();
    disk.fill(0);
    await expect(fixture.warehouse.commitLedgers(all)).rejects.toMatchObject({ code: 'disk_full' });
    disk.makeRoom();
    await fixture.warehouse.commitLedgers(all);
    expect(await fixture.differences()).toEqual([]);
    expect(await fixture.ask('SELECT count(*) AS n FROM fact_download')).toEqual([{ n: 5_500 }]);
  });

  it('that fills up in a publication or a large merge keeps the former files and leaves tmp/ empty', async () => {
    await fixture.query('SELECT 1');
    append(fixture, 'more', 500);
    await fixture.warehouse.commitLedgers(all);
    const larger = Array.from({ length: 60_000 }, (_, n) => ({
      id: `i${n}`,
      url: `http://h/i${n}`,
    }));
    await fixture.prepare('r2', larger);
    disk.fill(4_500 * 1_024);
    await expect(fixture.warehouse.mergeCatalog(fixture.mergeInput('r2'))).rejects.toMatchObject({
      code: 'disk_full',
    });
    disk.makeRoom();
    disk.fill(500 * 1_024);
    await expect(fixture.query('SELECT 1', true)).rejects.toMatchObject({ code: 'disk_full' });
    expect(fs.readdirSync(fixture.path('tmp'))).toEqual([]);
    expect(await fixture.ask('SELECT count(*) AS n FROM fact_download')).toEqual([{ n: 0 }]);
    disk.makeRoom();
    expect(await fixture.query('SELECT count(*) AS n FROM dim_image')).toEqual([{ n: IMAGES }]);
    expect(await fixture.differences()).toEqual([]);
  });

  it('that is mounted read-only gives disk_readonly, and commits continue once it is writable', async () => {
    append(fixture, 'e', 10);
    disk.remount('ro');
    await expect(fixture.warehouse.commitLedgers(all)).rejects.toMatchObject({
      code: 'disk_readonly',
    });
    disk.remount('rw');
    expect(await fixture.warehouse.commitLedgers(all)).toMatchObject({ applied: 10 });
  });
});

/** Whether strace, which makes system calls of a process fail, is installed. */
function canTrace(): boolean {
  try {
    execFileSync('strace', ['-V'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

const withStrace = canTrace() ? describe : describe.skip;
if (!canTrace() && process.env.CI !== undefined)
  throw new Error('CI must have strace: it makes the disk fail');

withStrace('a failing system call (injected by strace)', () => {
  let fixture: WarehouseFixture;
  beforeEach(async () => {
    fixture = new WarehouseFixture();
    await fixture.merge('r1', catalog.slice(0, 10));
  });
  afterEach(() => {
    fixture.remove();
  });

  /** Commits in another process in which the `nth` such call on the warehouse fails. */
  function commitWithError(
    call: string,
    nth: number,
    error = 'EIO',
  ): { readonly applied?: number; readonly code?: string } {
    const inject = ['-e', `trace=${call}`, '-e', `inject=${call}:error=${error}:when=${nth}`];
    const output = execFileSync(
      'strace',
      [
        '-f',
        '-qq',
        '-o',
        '/dev/null',
        '-P',
        fixture.path('warehouse.duckdb'),
        ...inject,
        process.execPath,
        COMMIT_ONCE,
        fixture.root,
      ],
      { encoding: 'utf8' },
    );
    return JSON.parse(output) as { applied?: number; code?: string };
  }

  it('at any of a commit’s syncs: a COMMIT that was durable and reported as failed is recognised', async () => {
    const appliedAgain: number[] = [];
    for (let nth = 1; ; nth += 1) {
      append(fixture, `sync${nth}`, 7);
      const { applied, code } = commitWithError('fsync,fdatasync', nth);
      if (applied !== undefined) break;
      expect(code).toBe('disk_io');
      appliedAgain.push((await fixture.warehouse.commitLedgers(all)).applied);
    }
    // Before the header of the file was switched, the commit must be applied again. After that it
    // was durable.
    expect(appliedAgain).toContain(7);
    expect(appliedAgain).toContain(0);
    expect(await fixture.differences()).toEqual([]);
  });

  it('at every other write of a commit makes the next commit apply its lines', async () => {
    for (let nth = 1; ; nth += 2) {
      append(fixture, `write${nth}`, 7);
      const { applied, code } = commitWithError('pwrite64', nth);
      if (applied !== undefined) break;
      expect(code).toBe('disk_io');
      await fixture.warehouse.commitLedgers(all);
    }
    expect(await fixture.differences()).toEqual([]);
  });

  it.each(['ENOSPC', 'EDQUOT', 'EFBIG'])(
    'at a write with %s gives disk_full, and the next commit applies the lines',
    async (error) => {
      append(fixture, error, 7);
      expect(commitWithError('pwrite64', 1, error)).toMatchObject({ code: 'disk_full' });
      expect(await fixture.warehouse.commitLedgers(all)).toMatchObject({ applied: 7 });
      expect(await fixture.differences()).toEqual([]);
    },
  );
});

describe('too little memory', () => {
  it('stops the step with a message that names the setting, and leaves nothing in tmp/', async () => {
    const fixture = new WarehouseFixture(undefined, { ...database, memory: '45MB' });
    try {
      const many = Array.from({ length: 60_000 }, (_, n) => ({
        id: `i${n}`,
        url: `http://h/${n}`,
      }));
      await expect(fixture.merge('r1', many)).rejects.toMatchObject({
        code: 'db_memory',
        message: expect.stringContaining('ARTEMIS_DB_MEMORY') as string,
      });
      expect(fs.readdirSync(fixture.path('tmp'))).toEqual([]);
      const log = createLogger({ level: 'silent', pretty: false });
      const enough = createWarehouse({ dataRoot: fixture.root, database, log });
      expect(await enough.mergeCatalog(fixture.mergeInput('r1'))).toMatchObject({ added: 60_000 });
    } finally {
      fixture.remove();
    }
  });
});
