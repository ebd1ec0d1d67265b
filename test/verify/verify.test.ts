/** verify finds every kind of damage and names it. */
import fs from 'node:fs';
import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import type { VerifyReport } from '../../src/verify/verify';
import { Pipeline } from '../helpers/runs/pipeline';

let pipeline: Pipeline;
let pristine: string;
beforeAll(async () => {
  pipeline = await Pipeline.onSharedServer({ ARTEMIS_QUEUE_PREFIX: 'artemis-verify' });
  const catalog = await pipeline.writeCatalog(60);
  expect((await pipeline.run('run', path.join('data', catalog))).code).toBe(3);
  pristine = path.join(pipeline.folder, 'pristine');
  fs.cpSync(pipeline.root, pristine, { recursive: true });
});
beforeEach(() => {
  fs.rmSync(pipeline.root, { recursive: true });
  fs.cpSync(pristine, pipeline.root, { recursive: true });
});
afterAll(() => pipeline.dispose());

const at = (...parts: readonly string[]): string => path.join(pipeline.root, ...parts);

/** Runs the command. */
async function runVerify(
  ...words: readonly string[]
): Promise<{ code: number | null; report: VerifyReport }> {
  const { code, stdout } = await pipeline.run('verify', '--json', ...words);
  return { code, report: JSON.parse(stdout) as VerifyReport };
}

/** The ids of the checks that failed. */
function failedIn({ checks, ok }: VerifyReport): readonly string[] {
  const ids = checks.filter((check) => !check.ok).map(({ id }) => id);
  expect(ok).toBe(ids.length === 0);
  return ids;
}

async function failedChecks(): Promise<readonly string[]> {
  return failedIn(await pipeline.verify({ deep: false }));
}

function filesBelow(folder: string): readonly string[] {
  return fs
    .readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
}

const images = (): readonly string[] => filesBelow(at('raw'));
const ledgers = (): readonly string[] =>
  filesBelow(at('runs')).filter((file) => file.endsWith('.ndjson') && file.includes('/ledger/'));
const first = (files: readonly string[]): string => files[0] ?? '';

/** Changes the published snapshot, which no one should do. */
async function tamper(sql: string): Promise<void> {
  const file = at('warehouse.snapshot.duckdb');
  fs.chmodSync(file, 0o644);
  const instance = await DuckDBInstance.create(file);
  const connection = await instance.connect();
  await connection.run(sql);
  connection.closeSync();
  instance.closeSync();
}

describe('verify', () => {
  it('finds nothing wrong in an intact data root', async () => {
    const { code, report } = await runVerify('--deep');
    expect(code).toBe(0);
    expect(report).toMatchObject({ v: 1, ok: true });
    expect(report.checks.map(({ id }) => id)).toEqual([
      'K1',
      'K2',
      'K3',
      'K4',
      'K5',
      'K6',
      'K11',
      'K12',
    ]);
    const checked = Object.fromEntries(report.checks.map((check) => [check.id, check.checked]));
    expect(checked).toMatchObject({ K1: 60, K4: 60 });
    expect(checked.K2).toBe(images().length);
  });

  it('reports a summary with other counts (K1)', async () => {
    const file = first(filesBelow(at('runs')).filter((name) => name.endsWith('summary.json')));
    fs.writeFileSync(file, fs.readFileSync(file, 'utf8').replace(/"pending":\s*0/, '"pending":1'));
    expect(await failedChecks()).toEqual(['K1']);
  });

  it('reports a file that is missing and one that was truncated (K2)', async () => {
    fs.rmSync(first(images()));
    expect(await failedChecks()).toEqual(['K2']);
    fs.truncateSync(first(images()), 10);
    const report = await pipeline.verify({ deep: false });
    expect(report.checks.find(({ id }) => id === 'K2')).toMatchObject({ ok: false, problems: 2 });
  });

  it('reports a flipped bit when files are hashed (K2, K5)', async () => {
    const file = first(images());
    const bytes = fs.readFileSync(file);
    bytes.writeUInt8(bytes.readUInt8(100) ^ 1, 100);
    fs.writeFileSync(file, bytes);
    expect(await failedChecks()).toEqual([]);
    const { code, report } = await runVerify('--deep');
    expect([code, failedIn(report)]).toEqual([4, ['K2', 'K5']]);
  });

  it('reports a file that no run stored (K3, K5)', async () => {
    fs.writeFileSync(path.join(path.dirname(first(images())), 'stray.jpg'), 'x');
    expect(await failedChecks()).toEqual(['K3', 'K5']);
  });

  it('reports a ledger that is missing, was changed, or has more to commit (K4)', async () => {
    const file = first(ledgers());
    const text = fs.readFileSync(file, 'utf8');
    fs.appendFileSync(file, `${text.split('\n')[0] ?? ''}\n`);
    expect(await failedChecks()).toEqual(['K4']);
    fs.writeFileSync(file, text.replace('"attempt":1', '"attempt":2'));
    expect(await failedChecks()).toEqual(['K4']);
    fs.rmSync(file);
    expect(await failedChecks()).toContain('K4');
  });

  it.each([
    ['zeros', '\0'.repeat(300)],
    ['a part of a line', '{"v":1,"id":"1035","urlHa'],
  ])('accepts %s at the end of a ledger, which a power cut leaves (K4)', async (_what, end) => {
    fs.appendFileSync(first(ledgers()), end);
    expect(await failedChecks()).toEqual([]);
  });

  it.each([
    ['a duplicated outcome', 'INSERT INTO fact_download FROM fact_download LIMIT 1'],
    ['a missing outcome', 'DELETE FROM fact_download WHERE rowid = 0'],
    ['a changed hash', `UPDATE fact_download SET sha256 = 'x' WHERE rowid = 0`],
    [
      'a wrong flag',
      'UPDATE dim_image SET thumb_downloaded = NOT thumb_downloaded WHERE record = 1',
    ],
    ['a changed image', `UPDATE image SET last_outcome = 'lost' WHERE record = 1`],
  ])('reports a snapshot with %s (K4)', async (_what, sql) => {
    await tamper(sql);
    expect(await failedChecks()).toContain('K4');
  });

  it('reports a file that was left in tmp/ (K6)', async () => {
    fs.writeFileSync(at('tmp', 'abcd-1-1.part'), 'x');
    expect(await failedChecks()).toEqual(['K6']);
  });

  it('ends with 6 without a snapshot, and describes each check in its text output', async () => {
    expect((await pipeline.run('verify')).stdout).toContain(
      '✓ K4 the snapshot is what the ledgers say',
    );
    fs.rmSync(at('warehouse.snapshot.duckdb'));
    const { code, stderr } = await pipeline.run('verify');
    expect(code).toBe(6);
    expect(stderr).toContain('no snapshot');
  });
});
