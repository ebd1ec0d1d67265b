/**
 * Many programs read the snapshot while commits and publications continue. None of them sees an
 * error or a partial commit, and no commit waits for them.
 *
 * `npm run readers` uses READERS (default 100) for READER_SECONDS (default 60). If PYTHON names a
 * Python with the package `duckdb`, one reader reads like a notebook.
 */
import { execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { DuckDBInstance } from '@duckdb/node-api';
import { killNow, openElsewhere } from '../open-elsewhere';
import { ledgerLine, WarehouseFixture } from '../warehouse-fixture';

const READERS = Number(process.env.READERS ?? 16);
const SECONDS = Number(process.env.READER_SECONDS ?? 3);
const PROCESSES = 2;

const ids = { warehouseId: 'w', runId: 'r1' };
const catalog = Array.from({ length: 3_000 }, (_, n) => ({ id: `i${n}`, url: `http://h/i${n}` }));

let fixture: WarehouseFixture;
let snapshot: string;
beforeEach(async () => {
  fixture = new WarehouseFixture();
  snapshot = fixture.path('warehouse.snapshot.duckdb');
  await fixture.merge('r1', catalog);
  await fixture.query('SELECT 1');
});
afterEach(() => {
  fixture.remove();
});

let commits = 0;

/** Makes one commit, and returns how long, in ms, it had the warehouse open. */
async function commitOnce(): Promise<number> {
  commits += 1;
  const lines = Array.from({ length: 100 }, (_, n) =>
    ledgerLine({ id: `i${(commits * 100 + n) % 3_000}` }),
  );
  fixture.append('r1', lines);
  return (await fixture.warehouse.commitLedgers(ids)).lockHeldMs;
}

/** Commits and publishes for a while, and returns the median of these times. */
async function writeFor(seconds: number): Promise<number> {
  const held: number[] = [];
  const until = Date.now() + seconds * 1_000;
  while (Date.now() < until || held.length < 5) {
    held.push(await commitOnce());
    if (held.length % 2 === 0) await fixture.query('SELECT 1', held.length % 4 === 0);
  }
  return held.sort((a, b) => a - b)[Math.floor(held.length / 2)] ?? 0;
}

const PYTHON_READER = `
import duckdb, sys, time
until = time.time() + ${SECONDS}
queries = 0
while time.time() < until:
    with duckdb.connect(sys.argv[1], read_only=True) as connection:
        same, = connection.execute("SELECT (SELECT coalesce(sum(row_count), 0) FROM etl_commit) = (SELECT count(*) FROM fact_download)").fetchone()
        assert same
    queries += 1
print(queries, duckdb.__version__)
`;

async function readWithPython(): Promise<string> {
  const { PYTHON } = process.env;
  if (PYTHON === undefined) return 'no Python';
  const { stdout } = await promisify(execFile)(PYTHON, ['-c', PYTHON_READER, snapshot]);
  return `Python: ${stdout.trim()}`;
}

describe('readers of the snapshot', () => {
  it(
    'see no error and no partial commit, and delay no commit',
    async () => {
      const alone = await writeFor(SECONDS / 3);
      const children = Array.from({ length: PROCESSES }, () =>
        fork(path.join(__dirname, 'readers-process.mjs'), [snapshot, String(READERS / PROCESSES)]),
      );
      const python = readWithPython();
      const beside = await writeFor(SECONDS);
      let queries = 0;
      for (const child of children) {
        child.send('stop');
        const [result] = (await once(child, 'message')) as [
          { queries: number; failures: string[] },
        ];
        expect(result.failures).toEqual([]);
        queries += result.queries;
      }
      expect(queries).toBeGreaterThan(READERS);
      // Readers use processor time. A commit that waited for a reader would fail, or take as long
      // as that reader.
      expect(beside).toBeLessThan(alone * 15 + 500);
      process.stderr.write(
        `${READERS} readers, ${queries} times opened and closed, 0 errors (${await python}); a commit had the warehouse open for ${beside} ms, ${alone} ms without them\n`,
      );
    },
    60_000 + SECONDS * 3_000,
  );

  it('that have the old snapshot open keep a consistent view over publications', async () => {
    await commitOnce();
    await fixture.query('SELECT 1');
    const session = await DuckDBInstance.create(snapshot, { access_mode: 'READ_ONLY' });
    const connection = await session.connect();
    const count = async (): Promise<unknown> =>
      (await connection.runAndReadAll('SELECT count(*)::INTEGER FROM fact_download')).getRowsJson();
    const before = await count();
    await commitOnce();
    expect(await fixture.query('SELECT count(*) AS n FROM fact_download', true)).not.toEqual([
      { n: (before as number[][])[0]?.[0] },
    ]);
    expect(await count()).toEqual(before);
    connection.closeSync();
    session.closeSync();
  });

  it('that were killed with the snapshot open for writing do not damage the next one', async () => {
    fs.chmodSync(snapshot, 0o644);
    await killNow(await openElsewhere(snapshot, ['CREATE TABLE scratch AS SELECT 1 AS x']));
    const wal = fs.readFileSync(`${snapshot}.wal`);
    await commitOnce();
    await fixture.query('SELECT 1');
    expect(fs.existsSync(`${snapshot}.wal`)).toBe(false);
    const aside = fs.readdirSync(fixture.root).filter((name) => name.includes('.wal.aside-'));
    expect(aside.map((name) => fs.readFileSync(fixture.path(name)))).toEqual([wal]);
    expect(
      await fixture.ask("SELECT count(*) AS n FROM duckdb_tables() WHERE table_name = 'scratch'"),
    ).toEqual([{ n: 0 }]);
  });
});
