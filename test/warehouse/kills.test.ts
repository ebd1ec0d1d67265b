/**
 * kill -9 of a process that writes the warehouse, at random moments of commits, publications and merges (in place, and on a private
 * copy). Nothing that was acknowledged is lost, nothing is there twice, and no merge is there by halves.
 *
 * `npm run kills:warehouse` does it KILLS times (1,000) from the seed KILL_SEED.
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

/** More than are merged in place, so that the second catalog of the file's life takes a private copy. */
const IMAGES = 21_000;

const MARK = 'http://h/moved';

interface Done {
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
      url: catalog === 2 && n % 100 === 0 ? MARK : `http://h/i${n}`,
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
    [MARK, 'http://h/i7'].map((url) => ledgerLine({ id: 'i7', outcome, urlHash: urlHash(url) })),
  );
  fs.writeFileSync(fixture.path('given.json'), JSON.stringify({ images: IMAGES, lines }));
});
afterAll(() => {
  for (const child of writers) child.kill('SIGKILL');
  fixture.remove();
});

/** Deterministic, so that a seed says at which moments. */
function* numbers(seed: number): Generator<number, never> {
  for (let state = seed >>> 0; ;) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    yield state / 2 ** 32;
  }
}

interface Seen {
  readonly applied: ReadonlyMap<string, number>;
  readonly moved: number;
}

/** With DuckDB alone, not by our own code: what the file and the log that was left say. */
async function look(): Promise<Seen> {
  const instance = await DuckDBInstance.create(fixture.path('warehouse.duckdb'), {
    access_mode: 'READ_ONLY',
  });
  const connection = await instance.connect();
  try {
    const rows = async (sql: string): Promise<readonly (readonly unknown[])[]> =>
      (await connection.runAndReadAll(sql)).getRowsJson();
    const applied = await rows('SELECT ledger, byte_count FROM etl_commit');
    const moved = await rows(`SELECT count(*) FROM dim_image WHERE thumb_url = '${MARK}'`);
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
 * Waits until `child` has taken the lock `times` times (a commit looks first, then writes) and let it go as often, or has something
 * to say: then its work is done.
 */
async function letGoBy(child: ChildProcess, times: number): Promise<void> {
  const heard = { isDone: false };
  child.once('message', () => {
    heard.isDone = true;
  });
  for (let turn = 0; turn < times; turn += 1) {
    while (!heard.isDone && !isLockedBy(child)) await nextTurn();
    while (!heard.isDone && isLockedBy(child)) await nextTurn();
  }
}

function isLockedBy({ pid = 0 }: ChildProcess): boolean {
  return fileHolder(fixture.path('warehouse.duckdb'))?.pid === pid;
}

/** What happened over all kills. */
const told = { commit: 0, publish: 0, merge: 0, logsLeft: 0, unacknowledged: 0 };

function startWriter(seed: number): ChildProcess {
  const args = [fixture.root, String(Math.floor(seed * 2 ** 31))];
  const child = fork(path.join(__dirname, 'commit-worker.cjs'), args);
  writers.push(child);
  return child;
}

async function killOnce(child: ChildProcess, next: () => number): Promise<void> {
  const acked = new Map((await look()).applied);
  const exited = once(child, 'exit');
  child.send('go');
  child.on('message', ({ bytes = {} }: Done) => {
    for (const [ledger, size] of Object.entries(bytes)) acked.set(ledger, size);
  });
  let kind: string | undefined;
  for (let left = 1 + Math.floor(next() * 4); left > 0;) {
    const [message] = (await once(child, 'message')) as [{ begins?: 'commit' }];
    kind = message.begins ?? kind;
    if (message.begins !== undefined) left -= 1;
  }
  // Anywhere in the work, just after a COMMIT and before anybody is told, or round the time in which the lock is held.
  const moment = next();
  if (moment < 0.3) await delay(next() * (kind === 'merge' ? 900 : 160));
  else if (moment < 0.6) await letGoBy(child, 2);
  else {
    await letGoBy(child, 1);
    await delay(next() * 120);
  }
  child.kill('SIGKILL');
  await exited;
  if (kind === 'commit' || kind === 'publish' || kind === 'merge') told[kind] += 1;
  if (fs.existsSync(fixture.path('warehouse.duckdb.wal'))) told.logsLeft += 1;
  const { applied, moved } = await look();
  for (const [ledger, bytes] of acked)
    expect(applied.get(ledger) ?? 0).toBeGreaterThanOrEqual(bytes);
  if ([...applied].some(([ledger, bytes]) => bytes > (acked.get(ledger) ?? 0)))
    told.unacknowledged += 1;
  expect([0, IMAGES / 100]).toContain(moved);
}

describe('a writer that is killed', () => {
  it(
    'loses nothing that it acknowledged, and leaves nothing twice or by halves',
    async () => {
      const random = numbers(SEED);
      const next = (): number => random.next().value;
      let writer = startWriter(next());
      for (let kill = 0; kill < KILLS; kill += 1) {
        // The next one loads its modules meanwhile.
        const successor = startWriter(next());
        await killOnce(writer, next);
        if ((kill + 1) % 100 === 0) process.stderr.write(`${kill + 1} kills, KILL_SEED=${SEED}\n`);
        writer = successor;
      }
      await fixture.warehouse.commitLedgers({ warehouseId: 'w', runId: null });
      expect(await fixture.differences()).toEqual([]);
      const { applied } = await look();
      for (const { path: ledger } of listLedgers({ root: fixture.root, runId: null })) {
        // The last line may be torn: a kill came in the middle of an append.
        const lines = fs.readFileSync(fixture.path(ledger)).lastIndexOf('\n') + 1;
        expect(applied.get(ledger)).toBe(lines);
      }
      const [twice] = await fixture.ask(
        'SELECT count(*) - count(DISTINCT (ledger, line)) AS n, count(*) AS facts FROM fact_download',
      );
      expect(twice?.n).toBe(0);
      process.stderr.write(
        `${KILLS} kills (${told.commit} in commits, ${told.publish} in publications, ${told.merge} in merges; ${told.logsLeft} left a log, ` +
          `${told.unacknowledged} commits were durable and never acknowledged), ${String(twice?.facts)} outcomes, 0 lost, 0 duplicated. ` +
          `Repeat: KILLS=${KILLS} KILL_SEED=${SEED} npm run kills:warehouse\n`,
      );
    },
    120_000 + KILLS * 5_000,
  );
});
