/** One batch of features: real files, real processes, a real kill. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { FEATURE_VERSION } from '../../src/contract/features/feature';
import type {
  FeatureBatchInput,
  FeatureBatchResult,
} from '../../src/contract/features/feature-payloads';
import { createFeaturePool, type FeaturePool } from '../../src/features/feature-pool';
import { runFeatureBatch } from '../../src/features/run-feature-batch';
import { FeatureCollection, LANE, RUN_ID, type StoredPicture } from './feature-collection';

let pool: FeaturePool;
beforeAll(() => {
  pool = createFeaturePool({ processes: 1, timeoutMs: 20_000 });
});
afterAll(async () => {
  await pool.close();
});

let collection: FeatureCollection;
beforeEach(() => {
  collection = new FeatureCollection();
});
afterEach(() => {
  collection.remove();
});

function runBatch(
  input: Pick<FeatureBatchInput, 'place'> & Partial<FeatureBatchInput>,
  signal = new AbortController().signal,
): Promise<FeatureBatchResult> {
  return runFeatureBatch({
    dataRoot: collection.root,
    input: {
      warehouseId: 'w',
      runId: RUN_ID,
      lane: LANE,
      dispatch: 1,
      sinceDispatch: 1,
      timeBoxSeconds: 60,
      ...input,
    },
    attempt: 1,
    pixels: 1e8,
    pool,
    signal,
    onProgress: () => undefined,
  });
}

function sorted(texts: readonly string[]): readonly string[] {
  return [...texts].sort();
}

function sha256Of(pictures: readonly StoredPicture[]): readonly string[] {
  return sorted(pictures.map(({ sha256 }) => sha256));
}

describe('a batch of features', () => {
  it('writes one line for each file, also for those that have no features', async () => {
    const pictures = await collection.storePictures(5);
    const broken = collection.store('broken.png', Buffer.from('no picture'));
    const gone = { sha256: 'ab'.repeat(32), path: 'raw/images/thumbs/gone.png' };
    const changed = { sha256: 'cd'.repeat(32), path: broken.path };
    const all = [...pictures, broken, gone, changed];
    const result = await runBatch({ place: collection.plan(all) });
    expect(result).toEqual({ place: null, computed: 5, failed: 3 });
    const lines = collection.lines();
    expect(sorted(lines.map(({ sha256 }) => sha256))).toEqual(sha256Of(all));
    const codes = new Map(lines.map(({ sha256, code }) => [sha256, code]));
    expect(all.map(({ sha256 }) => codes.get(sha256))).toEqual([
      ...pictures.map(() => null),
      'corrupt',
      'missing',
      'changed',
    ]);
    expect(lines.find(({ outcome }) => outcome === 'computed')).toMatchObject({
      v: 1,
      version: FEATURE_VERSION,
      values: { phash: expect.stringMatching(/^[0-9a-f]{16}$/) as string },
      lane: LANE,
      dispatch: 1,
      attempt: 1,
    });
  });

  it('returns its place when its time box or its signal ends, and the next batch continues there', async () => {
    const pictures = await collection.storePictures(12);
    const whole = collection.plan(pictures);
    const first = await runBatch({ place: whole, timeBoxSeconds: 0.000_001 });
    expect(first).toMatchObject({ computed: 1, place: { to: whole.to } });
    const cancelled = await runBatch(
      { place: first.place ?? whole, dispatch: 2, sinceDispatch: 2 },
      AbortSignal.abort(),
    );
    expect(cancelled).toMatchObject({ computed: 1, place: { to: whole.to } });
    const place = cancelled.place ?? whole;
    const last = await runBatch({ place, dispatch: 3, sinceDispatch: 3 });
    expect(last).toEqual({ place: null, computed: 10, failed: 0 });
    expect(sorted(collection.lines().map(({ sha256 }) => sha256))).toEqual(sha256Of(pictures));
  });

  it('continues after a kill, and computes nothing twice that a whole line has', async () => {
    const pictures = await collection.storePictures(60, 200);
    const place = collection.plan(pictures);
    const program = path.join(__dirname, 'feature-batch-process.cjs');
    const child = fork(program, [collection.root, RUN_ID, LANE, String(place.to)]);
    child.on('message', (computed) => {
      if (Number(computed) >= 5) child.kill('SIGKILL');
    });
    await once(child, 'exit');
    const before = collection.lines().length;
    expect(before).toBeGreaterThanOrEqual(5);
    expect(before).toBeLessThan(pictures.length);
    const result = await runBatch({ place });
    expect(result).toEqual({ place: null, computed: pictures.length - before, failed: 0 });
    expect(sorted(collection.lines().map(({ sha256 }) => sha256))).toEqual(sha256Of(pictures));
  });

  it('refuses a plan that cannot be read', async () => {
    await expect(runBatch({ place: { from: 1, to: 9 } })).rejects.toThrow(/ENOENT/);
    const { to } = collection.plan([{ sha256: 'ab', path: 'x' }]);
    await expect(runBatch({ place: { from: 3, to } })).rejects.toMatchObject({ code: 'input' });
  });
});
