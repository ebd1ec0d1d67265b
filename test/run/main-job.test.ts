/** The main job: 2,000 images from an origin with faults, while other programs read. */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { misbehaviourOf } from '../../src/demo/misbehaviour';
import { Pipeline, type Finished } from '../helpers/runs/pipeline';
import { sampleLock } from '../helpers/programs/sample-lock';
import { startReader } from '../helpers/programs/snapshot-reader';

const COUNT = 2_000;
const HOSTS = { hosts: { default: { connections: 32, requestsPerSecond: 180 } } };

interface ImageRow {
  readonly source_image_id: string;
  readonly state: string;
  readonly last_error_code: string | null;
  readonly thumb_path: string | null;
  readonly thumb_sha256: string | null;
  readonly thumb_bytes: string | number | null;
  readonly attempt_count: string | number;
}

let pipeline: Pipeline;
let catalog: string;
let first: Finished;
let lockShare: number;
let reads: { readonly queries: number; readonly failures: readonly string[] };

function run(): Promise<Finished> {
  return pipeline.run('run', path.join('data', catalog), '--input', JSON.stringify(HOSTS));
}

beforeAll(async () => {
  pipeline = await Pipeline.create();
  catalog = await pipeline.writeCatalog(COUNT);
  const snapshot = path.join(pipeline.root, 'warehouse.snapshot.duckdb');
  const reader = startReader(snapshot);
  const sampler = sampleLock(path.join(pipeline.root, 'warehouse.duckdb'));
  first = await run();
  lockShare = sampler.stop();
  reads = await reader.stop();
}, 180_000);
afterAll(() => pipeline.dispose());

/** The expected outcome of an artwork, by the fault that the origin has for it. */
function expected(id: string): string {
  const misbehaviour = misbehaviourOf(id);
  if (misbehaviour === 'not_found') return 'failed http_404';
  if (misbehaviour === 'html') return 'failed not_an_image';
  return 'stored ';
}

describe('the main job', () => {
  it('completes with the exit code for failed images', () => {
    expect(first.code).toBe(3);
    expect(first.stderr).toMatch(/completed after .* of 2000 planned/);
    expect(first.stderr).not.toMatch(/Warning|\n\s+at /);
  });

  it('brings every row into its right state', async () => {
    const rows = await pipeline.query<ImageRow>(
      'SELECT source_image_id, state, last_error_code FROM image',
    );
    expect(rows).toHaveLength(COUNT);
    const wrong = rows.filter(
      (row) => `${row.state} ${row.last_error_code ?? ''}` !== expected(row.source_image_id),
    );
    expect(wrong).toEqual([]);
  });

  it('has every stored file on disk with the recorded bytes, and no other file', async () => {
    const rows = await pipeline.query<ImageRow>(
      `SELECT source_image_id, thumb_path, thumb_sha256, thumb_bytes FROM image WHERE state = 'stored'`,
    );
    expect(rows.length).toBeGreaterThan(1_900);
    for (const row of rows) {
      const bytes = fs.readFileSync(path.join(pipeline.root, row.thumb_path ?? ''));
      expect(createHash('sha256').update(bytes).digest('hex')).toBe(row.thumb_sha256);
      expect(bytes).toHaveLength(Number(row.thumb_bytes));
    }
    const files = fs
      .readdirSync(path.join(pipeline.root, 'raw'), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile());
    expect(files).toHaveLength(rows.length);
  });

  it('sent one request for each image, and more only where the origin had refused', () => {
    const asked = new Map<string, number>();
    for (const id of pipeline.origin.requests()) asked.set(id, (asked.get(id) ?? 0) + 1);
    const twice = [...asked].filter(([, times]) => times > 1);
    expect(asked.size).toBe(COUNT);
    expect(
      twice.filter(([id, times]) => times > 2 || !misbehaviourOf(id).endsWith('_once')),
    ).toEqual([]);
    expect(twice.length).toBeGreaterThan(0);
  });

  it('let a reader query the snapshot in a loop without a failure', () => {
    expect(reads.failures).toEqual([]);
    expect(reads.queries).toBeGreaterThan(20);
  });

  it('held the warehouse only around commits', () => {
    // The lock was observed from outside all the time. It was free most of the time, but not
    // always.
    expect(lockShare).toBeGreaterThan(0);
    expect(lockShare).toBeLessThan(0.2);
  });

  it('records how much each step did and how much of it failed', async () => {
    const ids = await pipeline.query<ImageRow>('SELECT source_image_id FROM image');
    const failed = ids.filter((row) => expected(row.source_image_id).startsWith('failed')).length;
    const steps = await pipeline.query(
      'SELECT step, done_count::INTEGER AS done, failed_count::INTEGER AS failed FROM etl_step ORDER BY step',
    );
    expect(steps).toEqual([
      { step: 'download', done: COUNT - failed, failed },
      { step: 'ingest', done: COUNT, failed: 0 },
      { step: 'publish', done: null, failed: null },
    ]);
  });

  it('leaves disk, ledgers and snapshot in agreement', async () => {
    expect(await pipeline.expectFine('verify', '--deep')).toContain('✓ K4');
  });

  it('sends no request when it is run again', async () => {
    const before = pipeline.origin.requests().length;
    const again = await run();
    expect(again.code).toBe(3);
    expect(again.stderr).toContain('0 failed of 0 planned; 0 requests');
    expect(again.stderr).toMatch(/ failed for good: .*--select failed/);
    await delay(500);
    expect(pipeline.origin.requests()).toHaveLength(before);
  });
});
