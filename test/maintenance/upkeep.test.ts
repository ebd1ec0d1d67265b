/** The maintenance commands, one after another on a data root that a real run made. */
import fs from 'node:fs';
import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import type { VerifyReport } from '../../src/verify/verify';
import { Pipeline } from '../helpers/runs/pipeline';

const COUNT = 60;

let pipeline: Pipeline;
beforeAll(async () => {
  pipeline = await Pipeline.create({ ARTEMIS_QUEUE_PREFIX: 'artemis-upkeep' });
  const catalog = await pipeline.writeCatalog(COUNT);
  expect((await pipeline.run('run', path.join('data', catalog))).code).toBe(3);
});
afterAll(() => pipeline.dispose());

const at = (...parts: readonly string[]): string => path.join(pipeline.root, ...parts);

function filesBelow(folder: string): readonly string[] {
  if (!fs.existsSync(folder)) return [];
  return fs
    .readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
}

/** Tables and views without the columns that depend on the time at which they were written. */
const CONTENT: Readonly<Record<string, string>> = {
  dim_image: 'SELECT * FROM dim_image',
  catalog_row: 'SELECT * FROM catalog_row',
  fact_download: 'SELECT * FROM fact_download',
  catalog_reject: 'SELECT * FROM catalog_reject',
  etl_commit: 'SELECT * EXCLUDE (committed_at) FROM etl_commit',
  etl_run: 'SELECT * FROM etl_run',
  etl_run_code: 'SELECT * FROM etl_run_code WHERE image_count > 0',
  etl_step: 'SELECT * FROM etl_step',
  schema_version: 'SELECT version FROM schema_version',
  image: 'SELECT * FROM image',
};

/** Rows that only one of two warehouses has, by table. */
async function differences(one: string, other: string): Promise<Record<string, string>> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run(
    `ATTACH '${one}' AS one (READ_ONLY); ATTACH '${other}' AS other (READ_ONLY)`,
  );
  const found: Record<string, string> = {};
  for (const [name, sql] of Object.entries(CONTENT)) {
    const from = (catalog: string): string => sql.replace(/FROM (\w+)/, `FROM ${catalog}.$1`);
    const reader = await connection.runAndReadAll(
      `SELECT (SELECT count(*) FROM (${from('one')} EXCEPT ALL ${from('other')})) AS lost,
              (SELECT count(*) FROM (${from('other')} EXCEPT ALL ${from('one')})) AS added,
              (SELECT count(*) FROM (${from('one')})) AS known`,
    );
    const [lost, added, known] = reader.getRows()[0] ?? [];
    found[name] = `${String(lost)} lost, ${String(added)} added of ${String(known)}`;
  }
  connection.closeSync();
  instance.closeSync();
  return found;
}

const deepVerify = (): Promise<VerifyReport> => pipeline.verify({ deep: true });

const failedChecks = ({ checks }: VerifyReport): readonly string[] =>
  checks.filter(({ ok }) => !ok).map(({ id }) => id);

/** Damages three image files: one is cut, one has a flipped bit, one is deleted. */
function damage(): { readonly ids: readonly string[]; readonly names: readonly string[] } {
  const files = filesBelow(at('raw')).slice(0, 3);
  const [cut = '', flipped = '', gone = ''] = files;
  fs.truncateSync(cut, 10);
  const bytes = fs.readFileSync(flipped);
  bytes.writeUInt8(bytes.readUInt8(100) ^ 1, 100);
  fs.writeFileSync(flipped, bytes);
  fs.rmSync(gone);
  const names = files.map((file) => path.basename(file));
  return { names, ids: names.map((name) => name.split('.')[0] ?? '') };
}

it('verify reports truncated, flipped and deleted files, and repair fetches exactly those again', async () => {
  expect(failedChecks(await deepVerify())).toEqual([]);
  const { ids, names } = damage();
  const report = await deepVerify();
  expect(failedChecks(report)).toEqual(['K2', 'K5']);
  expect(report.checks.find(({ id }) => id === 'K2')).toMatchObject({ problems: 3 });
  fs.writeFileSync(at('raw', 'images', 'thumbs', 'stray.jpg'), 'x');

  const asked = pipeline.origin.requests().length;
  const { code, stderr } = await pipeline.run('repair');
  expect([code, stderr]).toEqual([0, expect.stringContaining('3 images are fetched again')]);
  expect(new Set(pipeline.origin.requests().slice(asked))).toEqual(new Set(ids));
  expect((await deepVerify()).ok).toBe(true);
  const kept = filesBelow(at('quarantine')).map((file) => path.basename(file));
  expect(kept).toHaveLength(3);
  for (const name of [names[0], names[1], 'stray.jpg'])
    expect(kept.some((file) => file.startsWith(`${String(name)}.`))).toBe(true);
  const rows = await pipeline.query<{ id: string; outcomes: string }>(
    `SELECT source_image_id AS id, string_agg(outcome, ' ' ORDER BY started_at) AS outcomes
     FROM fact_download JOIN etl_run USING (run_id) GROUP BY ALL HAVING outcomes LIKE '%lost%'`,
  );
  expect(rows.map(({ id, outcomes }) => `${id} ${outcomes}`).sort()).toEqual(
    ids.map((id) => `${id} stored lost stored`).sort(),
  );
});

it('repair of an intact data root sends no request and says so', async () => {
  const asked = pipeline.origin.requests().length;
  const { code, stderr } = await pipeline.run('repair');
  expect([code, stderr]).toEqual([0, expect.stringContaining('Nothing is broken')]);
  expect(pipeline.origin.requests()).toHaveLength(asked);
});

it('a deep check that was cut off continues where it stopped, and hashes again what has changed since', async () => {
  const images = filesBelow(at('raw'));
  fs.mkdirSync(at('verify'));
  const shards = new Map<string, string[]>();
  for (const file of images) {
    const { size, mtimeMs, ctimeMs, ino } = fs.statSync(file);
    const known = {
      path: path.relative(pipeline.root, file),
      stamp: `${size} ${mtimeMs} ${ctimeMs} ${ino}`,
      // A wrong hash, which only a check that does not hash the file again accepts.
      sha256: `${path.basename(file).split('.')[1] ?? ''}${'0'.repeat(52)}`,
    };
    const shard = path.relative(at('raw', 'images', 'thumbs'), file).slice(0, 2);
    shards.set(shard, [...(shards.get(shard) ?? []), JSON.stringify(known)]);
  }
  for (const [shard, lines] of shards)
    fs.writeFileSync(at('verify', `${shard}.ndjson`), `${lines.join('\n')}\n{"path":"torn`);
  // The same bytes with another stamp.
  fs.utimesSync(images[0] ?? '', new Date(), new Date(0));
  const report = await deepVerify();
  const { problems, checked } = report.checks.find(({ id }) => id === 'K2') ?? {};
  expect(problems).toBe((checked ?? 0) - 1);
  expect(fs.existsSync(at('verify'))).toBe(false);
  expect((await deepVerify()).ok).toBe(true);
});

it('prune deletes everything that nothing names, and nothing else', async () => {
  const stray = at('raw', 'images', 'thumbs', 'aa', 'bb', 'stray.0123456789ab.jpg');
  fs.mkdirSync(path.dirname(stray), { recursive: true });
  fs.writeFileSync(stray, 'stray');
  const log = at('warehouse.snapshot.duckdb.wal.aside-1');
  fs.writeFileSync(log, 'a log');
  const plans = filesBelow(at('runs')).filter((file) => file.includes('/plan/'));
  const before = new Set(filesBelow(pipeline.root));

  const dry = await pipeline.expectFine('prune', '--dry-run');
  expect(dry).toContain('aa/bb/stray.0123456789ab.jpg');
  expect(new Set(filesBelow(pipeline.root))).toEqual(before);

  const output = await pipeline.expectFine('prune');
  expect(output.replace(/^deleted/m, 'would be deleted')).toBe(dry);
  const after = new Set(filesBelow(pipeline.root));
  const deleted = [...before].filter((file) => !after.has(file)).sort();
  const wanted = ['quarantine', 'repair'].flatMap((folder) =>
    [...before].filter((file) => file.startsWith(at(folder, path.sep))),
  );
  expect(plans.length).toBeGreaterThan(0);
  expect(deleted).toEqual([stray, log, ...plans, ...wanted].sort());
  expect((await deepVerify()).ok).toBe(true);
  expect(await pipeline.expectFine('prune')).toBe('deleted: 0 (0 B)\n');
});

it('rebuild refuses while a warehouse worker is alive and names it, and prune while a run is under way', async () => {
  const worker = pipeline.start('worker', '--queues', 'warehouse');
  await worker.says('workers are ready');
  const before = fs.statSync(at('warehouse.duckdb')).ino;
  const { code, stderr } = await pipeline.run('rebuild');
  expect([code, stderr]).toEqual([6, expect.stringContaining(`pid ${worker.pid}`)]);
  expect(fs.statSync(at('warehouse.duckdb')).ino).toBe(before);

  worker.kill('SIGSTOP');
  const ill = await pipeline.run('doctor');
  expect([ill.code, ill.stdout]).toEqual([6, expect.stringContaining(`kill -CONT ${worker.pid}`)]);
  worker.kill('SIGCONT');
  worker.kill('SIGTERM');
  await worker.finished;

  const underWay = at('runs', 'under-way', 'run.json');
  fs.mkdirSync(path.dirname(underWay));
  const startedAt = new Date().toISOString();
  const run = { v: 1, runId: 'under-way', workflowId: 'w', input: {}, catalog: null, startedAt };
  fs.writeFileSync(underWay, JSON.stringify(run));
  const refused = await pipeline.run('prune');
  fs.rmSync(path.dirname(underWay), { recursive: true });
  expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('under-way')]);
});

it('rebuild restores the content of a deleted database (D12), and keeps a broken one aside', async () => {
  // A later run of a smaller catalog is refused for the missing images, but its catalog.parquet
  // exists all the same.
  const small = await pipeline.writeCatalog(40);
  const input = JSON.stringify({ onStepFailure: 'fail' });
  const shrunk = await pipeline.run('run', path.join('data', small), '--input', input);
  expect([shrunk.code, shrunk.stderr]).toEqual([7, expect.stringContaining('catalog_shrunk')]);
  // A run that is allowed to shrink it, and downloads nothing.
  const allowed = JSON.stringify({ maxRemoved: 1 });
  const steps = ['--steps', 'ingest,publish', '--workflow-id', 'smaller'];
  await pipeline.expectFine('run', path.join('data', small), '--input', allowed, ...steps);

  const lost = path.join(pipeline.folder, 'lost.duckdb');
  fs.renameSync(at('warehouse.duckdb'), lost);
  fs.rmSync(at('warehouse.snapshot.duckdb'));
  const { code, stderr } = await pipeline.run('rebuild');
  expect([code, stderr]).toEqual([0, expect.stringContaining('2 catalogs')]);
  expect(stderr).toContain('were never merged into the warehouse');
  const found = await differences(lost, at('warehouse.duckdb'));
  for (const words of Object.values(found)) expect(words).toMatch(/^0 lost, 0 added of \d+$/);
  expect(found.dim_image).toBe(`0 lost, 0 added of ${COUNT}`);
  expect(await pipeline.query('SELECT count(*) AS n FROM image WHERE removed_at IS NULL')).toEqual([
    { n: 40 },
  ]);
  expect(failedChecks(await deepVerify())).toEqual([]);

  // A database that exists but is broken is kept aside.
  fs.writeFileSync(at('warehouse.duckdb'), 'not a database');
  expect((await pipeline.run('rebuild')).stderr).toContain('kept as warehouse.duckdb.aside-');
  const aside = fs.readdirSync(pipeline.root).find((name) => name.includes('.duckdb.aside-'));
  expect(fs.readFileSync(at(aside ?? ''), 'utf8')).toBe('not a database');
  expect(await differences(lost, at('warehouse.duckdb'))).toEqual(found);
});

it('repair records an image that left the catalog as lost without a request, and verify succeeds', async () => {
  const [removed] = await pipeline.query<{ path: string }>(
    "SELECT thumb_path AS path FROM image WHERE state = 'removed' AND thumb_path IS NOT NULL LIMIT 1",
  );
  fs.rmSync(at(removed?.path ?? ''));
  expect(failedChecks(await deepVerify())).toEqual(['K2']);
  const asked = pipeline.origin.requests().length;
  const { code, stderr } = await pipeline.run('repair');
  expect([code, stderr]).toEqual([0, expect.stringContaining('no longer in the catalog')]);
  expect(pipeline.origin.requests()).toHaveLength(asked);
  expect((await deepVerify()).ok).toBe(true);
});

describe('doctor', () => {
  it('finds nothing wrong in an intact data root, and lists the settings in force', async () => {
    const output = await pipeline.expectFine('doctor');
    expect(output).not.toContain('✗');
    expect(output).toMatch(/✓ Temporal server: answers at 127\.0\.0\.1:\d+, namespace default/);
    expect(output).toMatch(/✓ snapshot: published .*schema version \d+/);
    expect(output).toContain('ARTEMIS_QUEUE_PREFIX=artemis-upkeep  (environment)');
    expect(output).toContain('ARTEMIS_MAX_ATTEMPTS=3  (default)');
  });

  it('works on a data root that does not exist, and does not create it', async () => {
    const empty = path.join(pipeline.folder, 'empty');
    const { code, stdout } = await pipeline.run('doctor', '--data', empty);
    expect([code, stdout]).toEqual([0, expect.stringContaining(`ARTEMIS_DATA=${empty}  (--data)`)]);
    expect(fs.existsSync(empty)).toBe(false);
  });

  it('ends with 5 where the configured server does not answer, and shows no secret', async () => {
    const command = await Pipeline.create({
      TEMPORAL_ADDRESS: '127.0.0.1:1',
      TEMPORAL_API_KEY: 'SECRET',
    });
    const { code, stdout } = await command.run('doctor');
    await command.dispose();
    expect([code, stdout]).toEqual([5, expect.stringContaining('(TEMPORAL_ADDRESS)')]);
    expect(stdout).toContain('TEMPORAL_API_KEY=(set, not shown)');
    expect(stdout).not.toContain('SECRET');
  });

  it('ends with 6 where the warehouse is gone, and says how to restore it', async () => {
    fs.renameSync(at('warehouse.duckdb'), at('gone'));
    const { code, stdout } = await pipeline.run('doctor');
    fs.renameSync(at('gone'), at('warehouse.duckdb'));
    expect([code, stdout]).toEqual([6, expect.stringContaining('rebuild')]);
  });
});
