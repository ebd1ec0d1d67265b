/**
 * Kills (SIGKILL) a process that writes the warehouse at random moments of commits, publications
 * and merges, in place and on a private copy. No acknowledged data is lost, nothing is duplicated,
 * and no merge is partial.
 *
 * `npm run kills:warehouse` repeats this KILLS times (default 1,000) with the seed KILL_SEED.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises';
import { DuckDBInstance } from '@duckdb/node-api';
import { fileHolder } from '../../src/files/process/file-holder';
import { listLedgers } from '../../src/files/ledger/ledger-reader';
import { ledgerLine, urlHash, WarehouseFixture, type CatalogImage } from './warehouse-fixture';

const KILLS = Number(process.env.KILLS ?? 15);
const SEED = Number(process.env.KILL_SEED ?? Math.floor(Math.random() * 1e9));

/**
 * More images than a merge in place allows, so that the second catalog is merged on a private copy.
 */
const IMAGES = 21_000;

const MOVED_URL = 'http://h/moved';

interface WriterMessage {
  readonly done?: string;
  readonly bytes?: Readonly<Record<string, number>>;
  readonly catalog?: number;
}

let fixture: WarehouseFixture;
const writers: ChildProcess[] = [];
beforeAll(async () => {
  fixture = new WarehouseFixture();
  const catalogs: readonly (readonly CatalogImage[])[] = [1, 2].map((catalog) =>
    Array.from({ length: IMAGES }, (_, n) => ({
      id: `i${n}`,
      url: catalog === 2 && n % 100 === 0 ? MOVED_URL : `http://h/i${n}`,
    })),
  );
  for (const [index, images] of catalogs.entries()) {
    const runId = `r${index + 1}`;
    await fixture.merge(runId, images);
    fs.writeFileSync(
      fixture.path(`merge${index + 1}.json`),
      JSON.stringify(fixture.mergeInput(runId)),
    );
  }
  fs.mkdirSync(fixture.path('runs/r1/ledger/l000001'), { recursive: true });
  const lines = (['stored', 'failed', 'not_modified', 'lost'] as const).flatMap((outcome) =>
    [MOVED_URL, 'http://h/i7'].map((url) =>
      ledgerLine({ id: 'i7', outcome, urlHash: urlHash(url) }),
    ),
  );
  fs.writeFileSync(fixture.path('given.json'), JSON.stringify({ images: IMAGES, lines }));
});
afterAll(() => {
  for (const child of writers) child.kill('SIGKILL');
  fixture.remove();
});

/** Pseudo-random numbers in [0, 1), so that a seed determines the moments of the kills. */
function* randomNumbers(seed: number): Generator<number, never> {
  for (let state = seed >>> 0; ;) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    yield state / 2 ** 32;
  }
}

interface WarehouseContent {
  readonly applied: ReadonlyMap<string, number>;
  readonly moved: number;
}

/**
 * The content of the warehouse and its write-ahead log, read with DuckDB alone and without the code
 * under test.
 */
async function readWarehouse(): Promise<WarehouseContent> {
  const instance = await DuckDBInstance.create(fixture.path('warehouse.duckdb'), {
    access_mode: 'READ_ONLY',
  });
  const connection = await instance.connect();
  try {
    const rows = async (sql: string): Promise<readonly (readonly unknown[])[]> =>
      (await connection.runAndReadAll(sql)).getRowsJson();
    const applied = await rows('SELECT ledger, byte_count FROM etl_commit');
    const moved = await rows(`SELECT count(*) FROM dim_image WHERE thumb_url = '${MOVED_URL}'`);
    return {
      applied: new Map(applied.map(([ledger, bytes]) => [String(ledger), Number(bytes)])),
      moved: Number(moved[0]?.[0]),
    };
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/**
 * Waits until `child` has acquired and released the lock the given number of times (a commit first
 * reads, then writes), or has sent a message, after which its operation is complete.
 */
async function waitForRelease(child: ChildProcess, times: number): Promise<void> {
  const received = { isDone: false };
  child.once('message', () => {
    received.isDone = true;
  });
  for (let turn = 0; turn < times; turn += 1) {
    while (!received.isDone && !isLockedBy(child)) await nextTurn();
    while (!received.isDone && isLockedBy(child)) await nextTurn();
  }
}

function isLockedBy({ pid = 0 }: ChildProcess): boolean {
  return fileHolder(fixture.path('warehouse.duckdb'))?.pid === pid;
}

/** Totals over all kills. */
const totals = { commit: 0, publish: 0, merge: 0, logsLeft: 0, unacknowledged: 0 };

function startWriter(seed: number): ChildProcess {
  const args = [fixture.root, String(Math.floor(seed * 2 ** 31))];
  const child = fork(path.join(__dirname, 'commit-worker.cjs'), args);
  writers.push(child);
  return child;
}

async function killOnce(child: ChildProcess, next: () => number): Promise<void> {
  const acknowledged = new Map((await readWarehouse()).applied);
  const exited = once(child, 'exit');
  child.send('go');
  child.on('message', ({ bytes = {} }: WriterMessage) => {
    for (const [ledger, size] of Object.entries(bytes)) acknowledged.set(ledger, size);
  });
  let kind: string | undefined;
  for (let left = 1 + Math.floor(next() * 4); left > 0;) {
    const [message] = (await once(child, 'message')) as [{ begins?: 'commit' }];
    kind = message.begins ?? kind;
    if (message.begins !== undefined) left -= 1;
  }
  // Kills anywhere in the operation, just after a COMMIT and before its acknowledgement, or around
  // the time in which the lock is held.
  const moment = next();
  if (moment < 0.3) await delay(next() * (kind === 'merge' ? 900 : 160));
  else if (moment < 0.6) await waitForRelease(child, 2);
  else {
    await waitForRelease(child, 1);
    await delay(next() * 120);
  }
  child.kill('SIGKILL');
  await exited;
  if (kind === 'commit' || kind === 'publish' || kind === 'merge') totals[kind] += 1;
  if (fs.existsSync(fixture.path('warehouse.duckdb.wal'))) totals.logsLeft += 1;
  const { applied, moved } = await readWarehouse();
  for (const [ledger, bytes] of acknowledged)
    expect(applied.get(ledger) ?? 0).toBeGreaterThanOrEqual(bytes);
  if ([...applied].some(([ledger, bytes]) => bytes > (acknowledged.get(ledger) ?? 0)))
    totals.unacknowledged += 1;
  expect([0, IMAGES / 100]).toContain(moved);
}

describe('a writer that is killed', () => {
  it(
    'loses nothing that it acknowledged, and leaves nothing duplicated or partial',
    async () => {
      const random = randomNumbers(SEED);
      const next = (): number => random.next().value;
      let writer = startWriter(next());
      for (let kill = 0; kill < KILLS; kill += 1) {
        // The next writer loads its modules in the meantime.
        const successor = startWriter(next());
        await killOnce(writer, next);
        if ((kill + 1) % 100 === 0) process.stderr.write(`${kill + 1} kills, KILL_SEED=${SEED}\n`);
        writer = successor;
      }
      await fixture.warehouse.commitLedgers({ warehouseId: 'w', runId: null });
      expect(await fixture.differences()).toEqual([]);
      const { applied } = await readWarehouse();
      for (const { path: ledger } of listLedgers({ root: fixture.root, runId: null })) {
        // The last line may be torn because a kill may interrupt an append.
        const lines = fs.readFileSync(fixture.path(ledger)).lastIndexOf('\n') + 1;
        expect(applied.get(ledger)).toBe(lines);
      }
      const [duplicates] = await fixture.ask(
        'SELECT count(*) - count(DISTINCT (ledger, line)) AS n, count(*) AS facts FROM fact_download',
      );
      expect(duplicates?.n).toBe(0);
      process.stderr.write(
        `${KILLS} kills (${totals.commit} in commits, ${totals.publish} in publications, ${totals.merge} in merges; ${totals.logsLeft} left a log, ` +
          `${totals.unacknowledged} commits were durable and never acknowledged), ${String(duplicates?.facts)} outcomes, 0 lost, 0 duplicated. ` +
          `Repeat: KILLS=${KILLS} KILL_SEED=${SEED} npm run kills:warehouse\n`,
      );
    },
    120_000 + KILLS * 5_000,
  );
});
