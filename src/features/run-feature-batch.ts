/**
 * Computes the features of a stretch of a lane, within a time box. It reads stored files and writes
 * a ledger, and nothing else.
 */
import { randomBytes } from 'node:crypto';
import {
  FEATURE_VERSION,
  type FeatureEntry,
  type FeatureLine,
  type FeatureResult,
} from '../contract/features/feature';
import type { FeatureBatchInput, FeatureBatchResult } from '../contract/features/feature-payloads';
import { underRoot } from '../files/data-root';
import { openFeatureLedger, recordedInLane } from '../files/ledger/feature-ledger';
import type { FeaturePool } from './feature-pool';
import { readFeatureEntries } from './read-feature-entries';

export interface FeatureBatchOptions {
  readonly dataRoot: string;
  readonly input: FeatureBatchInput;
  readonly attempt: number;
  /** The largest number of pixels that is accepted. */
  readonly pixels: number;
  readonly pool: FeaturePool;
  /** Ends the batch as its time box does: it returns its place. */
  readonly signal: AbortSignal;
  readonly onProgress: (counts: FeatureCounts) => void;
}

/** Numbers of files of this attempt. */
export interface FeatureCounts {
  readonly computed: number;
  readonly failed: number;
}

/** Files that are given to the pool at once: a process gets several with one message. */
const FILES_UNDER_WAY = 16;

/**
 * Computes until the lane is done, the time box ends, or the signal is aborted. Every entry before
 * the returned place has a line; those under way are finished first.
 *
 * @throws StepError disk_*, `input`. Lines that were written before count.
 */
export async function runFeatureBatch(options: FeatureBatchOptions): Promise<FeatureBatchResult> {
  const { dataRoot: root, input, attempt, pixels, pool, signal } = options;
  const { runId, lane, place, dispatch, sinceDispatch } = input;
  const execution = randomBytes(8).toString('hex');
  const recorded = await recordedInLane({ root, runId, lane, sinceDispatch });
  const ledger = openFeatureLedger({ root, runId, lane }, execution);
  const endsAt = performance.now() + input.timeBoxSeconds * 1_000;
  const counts = { computed: 0, failed: 0 };
  const underWay = new Set<Promise<void>>();
  const source = { lane, execution, dispatch, attempt };
  const compute = async (entry: FeatureEntry): Promise<void> => {
    const paths = entry.paths.map((path) => underRoot(root, path));
    const result = await pool.run({ paths, sha256: entry.sha256, pixels });
    ledger.append({ ...lineOf(entry, result), ...source, at: new Date().toISOString() });
    counts[result.outcome] += 1;
    options.onProgress(counts);
  };
  let reached = place.from;
  try {
    for await (const { entry, after } of readFeatureEntries({ root, runId, ...place })) {
      if (!recorded.has(entry.sha256)) {
        const task: Promise<void> = compute(entry);
        underWay.add(task);
        // A failure is thrown by the wait for it; until then it is not unhandled.
        task.then(
          () => underWay.delete(task),
          () => undefined,
        );
      }
      reached = after;
      if (signal.aborted || performance.now() >= endsAt) break;
      if (underWay.size >= FILES_UNDER_WAY) await Promise.race(underWay);
    }
    await Promise.all(underWay);
  } finally {
    await Promise.allSettled(underWay);
    await ledger.close();
  }
  return { place: reached < place.to ? { from: reached, to: place.to } : null, ...counts };
}

function lineOf(
  { sha256 }: FeatureEntry,
  result: FeatureResult,
): Pick<FeatureLine, 'v' | 'sha256' | 'version' | 'outcome' | 'code' | 'detail' | 'values'> {
  const known = { v: 1, sha256, version: FEATURE_VERSION, outcome: result.outcome } as const;
  return result.outcome === 'computed'
    ? { ...known, code: null, detail: null, values: result.values }
    : { ...known, code: result.code, detail: result.detail, values: null };
}
