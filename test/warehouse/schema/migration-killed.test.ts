/**
 * A migration that is killed at any point leaves the former warehouse or the new one, and the next
 * start completes it.
 *
 * `npm run kills:warehouse` kills it at every point (MIGRATION_KILLS=all). Otherwise points that
 * leave the same files are left out, see {@link pointsToKillAt}.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { sweepTempFiles } from '../../../src/files/temp-names';
import { createLogger } from '../../../src/log';
import { createWarehouse } from '../../../src/warehouse/warehouse';
import { LATER_SCHEMA, LATER_VERSION, VERSION } from './later-schema';
import { database, ledgerLine, WarehouseFixture } from '../warehouse-fixture';

const WAREHOUSE = 'warehouse.duckdb';
const FORMER = `warehouse.v${VERSION}.duckdb`;

/** The warehouse of this program's version with which every test starts. */
let original: Buffer;
let fixture: WarehouseFixture;
beforeAll(async () => {
  const source = new WarehouseFixture();
  const images = Array.from({ length: 500 }, (_, n) => ({ id: `i${n}`, url: `http://h/i${n}` }));
  await source.merge('r1', images);
  source.append(
    'r1',
    images.map(({ id }) => ledgerLine({ id })),
  );
  await source.warehouse.commitLedgers({ warehouseId: 'w', runId: null });
  original = fs.readFileSync(source.path(WAREHOUSE));
  source.remove();
});
beforeEach(() => {
  fixture = new WarehouseFixture();
  fs.writeFileSync(fixture.path(WAREHOUSE), original);
});
afterEach(() => {
  fixture.remove();
});

/**
 * Migrates and commits in a process that kills itself at `point`.
 *
 * @returns what happened at each point, or null when the process was killed.
 */
async function migrateAndDie(point: number, links = ''): Promise<readonly string[] | null> {
  const script = path.join(__dirname, 'migrate-and-die.cjs');
  const child = spawn(process.execPath, [script, fixture.root, String(point), links], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += String(chunk)));
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
  if (signal === 'SIGKILL') return null;
  expect(code).toBe(0);
  return JSON.parse(output) as readonly string[];
}

/**
 * Every point, or only those that may differ in what they leave on disk: not those after a
 * statement that only reads, and of those inside a transaction that has not come to its last
 * statement, one at random. Points count from 1.
 */
function pointsToKillAt(happened: readonly string[]): readonly number[] {
  const all = happened.map((_, index) => index + 1);
  if (process.env.MIGRATION_KILLS === 'all') return all;
  const open = new Set<number>();
  const chosen = new Set<number>();
  for (const begin of all.filter((point) => happened[point - 1] === 'BEGIN')) {
    const last = happened.indexOf('COMMIT', begin) - 1;
    const inside = all.filter((point) => point > begin && point <= last);
    for (const point of inside) open.add(point);
    const drawn = inside[Math.floor(Math.random() * inside.length)];
    if (drawn !== undefined) chosen.add(drawn);
  }
  const onlyReads = (point: number): boolean =>
    /^(SELECT\b|USE \w+$)/.test(happened[point - 1] ?? '');
  return all.filter((point) => chosen.has(point) || (!open.has(point) && !onlyReads(point)));
}

interface WarehouseContent {
  readonly version: number;
  readonly images: number;
  readonly facts: number;
  readonly runs: string;
}

/** The content of a file and its write-ahead log, read with DuckDB alone. */
async function readWarehouse(file: string): Promise<WarehouseContent> {
  const instance = await DuckDBInstance.create(file);
  const connection = await instance.connect();
  const reader = await connection.runAndReadAll(
    `SELECT (SELECT max(version) FROM schema_version) AS version, (SELECT count(*) FROM image WHERE thumb_downloaded)::INTEGER AS images,
       (SELECT count(*) FROM fact_download)::INTEGER AS facts, (SELECT string_agg(run_id, ' ' ORDER BY run_id) FROM etl_run) AS runs`,
  );
  connection.closeSync();
  instance.closeSync();
  return reader.getRowObjectsJson()[0] as unknown as WarehouseContent;
}

const WHOLE_CONTENT = { images: 500, facts: 500 };

/** Checks the files after a kill, then starts again and checks that the migration is complete. */
async function checkScene(): Promise<void> {
  const kept = fs.existsSync(fixture.path(FORMER));
  if (kept && !isSameFile())
    expect(await readWarehouse(fixture.path(FORMER))).toMatchObject({
      ...WHOLE_CONTENT,
      version: VERSION,
      runs: 'r1',
    });
  const content = await readWarehouse(fixture.path(WAREHOUSE));
  expect(content).toMatchObject(WHOLE_CONTENT);
  expect([VERSION, LATER_VERSION]).toContain(content.version);
  // A migrated warehouse without a later commit has the former one beside it.
  if (content.version === LATER_VERSION && content.runs === 'r1') expect(kept).toBe(true);
  const next = createWarehouse({
    dataRoot: fixture.root,
    database,
    log: createLogger({ level: 'silent', pretty: false }),
    schema: LATER_SCHEMA,
  });
  await next.recordRun({ ...fixture.record('r3', '2026-03-01T00:00:00.000Z') });
  const after = await readWarehouse(fixture.path(WAREHOUSE));
  expect(after).toMatchObject({ ...WHOLE_CONTENT, version: LATER_VERSION });
  expect(after.runs).toMatch(/^r1 (r2 )?r3$/);
  sweepTempFiles({ root: fixture.root, runId: 'none' });
  expect(fs.readdirSync(fixture.path('tmp'))).toEqual([]);
  expect(fs.readdirSync(fixture.root).sort()).toEqual(['runs', 'tmp', WAREHOUSE]);
}

function isSameFile(): boolean {
  return fs.statSync(fixture.path(FORMER)).ino === fs.statSync(fixture.path(WAREHOUSE)).ino;
}

describe('a migration', () => {
  it('leaves one whole warehouse wherever it is killed, and the next start completes it', async () => {
    const happened = (await migrateAndDie(0)) ?? [];
    // The statements of both versions and their transactions, the copy, the syncs, the second name,
    // the rename.
    expect(happened.length).toBeGreaterThan(35);
    await checkScene();
    const points = pointsToKillAt(happened);
    expect(points.length).toBeGreaterThan(30);
    for (const point of points) {
      fs.rmSync(fixture.root, { recursive: true });
      fs.mkdirSync(fixture.root);
      fs.writeFileSync(fixture.path(WAREHOUSE), original);
      expect({ point, lived: await migrateAndDie(point) }).toEqual({ point, lived: null });
      await checkScene().catch((error: unknown) => {
        throw new Error(`killed at point ${point}, ${happened[point - 1] ?? ''}`, { cause: error });
      });
    }
  }, 600_000);
});

describe('a migration where the file system has no hard links', () => {
  it('keeps the former file as a copy', async () => {
    expect((await migrateAndDie(0, 'no-links'))?.length).toBeGreaterThan(35);
    await checkScene();
  });
});
