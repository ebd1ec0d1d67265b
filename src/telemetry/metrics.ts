/** The metrics of this program, beside the SDK's at the same endpoint. */
import type { MetricMeter, MetricTags } from '@temporalio/common';
import type { LedgerLine } from '../contract/outcome';
import { createHostWaits } from './host-waits';

/** What activities report about their work. None of these functions throws. */
export interface Metrics {
  /** A line was appended to a ledger. */
  readonly outcome: (line: LedgerLine) => void;
  /** A host asked for a wait of `waitMs` milliseconds. */
  readonly hostWaits: (host: string, waitMs: number) => void;
  /** A batch begins. The returned function must be called when it has ended. */
  readonly batchBegins: () => () => void;
  /**
   * A write of the warehouse took `tookMs` and held the lock for `lockHeldMs`, both in
   * milliseconds.
   */
  readonly wrote: (work: 'commit' | 'merge', tookMs: number, lockHeldMs: number) => void;
}

/** Bucket limits of the histograms. In seconds. */
export const HISTOGRAM_BUCKETS: Readonly<Record<string, number[]>> = {
  artemis_commit_seconds: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
  artemis_lock_hold_seconds: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  artemis_host_wait_seconds: [1, 5, 30, 120, 600, 3_600],
};

/** `meter` belongs to the SDK's runtime. */
export function createMetrics(meter: MetricMeter): Metrics {
  const images = meter.createCounter('artemis_images_total', '', 'Outcomes of images, by code.');
  const bytes = meter.createCounter('artemis_image_bytes_total', '', 'Bytes of stored images.');
  const requests = meter.createCounter('artemis_requests_total', '', 'HTTP requests for images.');
  const batches = meter.createGauge('artemis_batches_in_flight', 'int', '', 'Download batches.');
  const commits = createSecondsHistogram(
    meter,
    'artemis_commit_seconds',
    'Length of a write of the warehouse.',
  );
  const holds = createSecondsHistogram(
    meter,
    'artemis_lock_hold_seconds',
    'How long warehouse.duckdb was open.',
  );
  let inFlight = 0;
  const batchCount = (change: number): void => {
    inFlight += change;
    batches.set(inFlight);
  };
  return {
    outcome: (line) => {
      images.add(1, { outcome: line.outcome, code: line.code ?? '' });
      requests.add(line.requests);
      // Ids that share a URL have a file each, as in the summary.
      if (line.outcome === 'stored') bytes.add(line.bytes ?? 0);
    },
    hostWaits: createHostWaits({
      waits: createSecondsHistogram(
        meter,
        'artemis_host_wait_seconds',
        'Waits that hosts asked for.',
      ),
      waiting: meter.createGauge('artemis_hosts_waiting', 'int', '', 'Hosts that wait now.'),
    }),
    batchBegins: () => {
      batchCount(1);
      return () => {
        batchCount(-1);
      };
    },
    wrote: (work, tookMs, lockHeldMs) => {
      commits.record(tookMs / 1_000, { work });
      holds.record(lockHeldMs / 1_000, { work });
    },
  };
}

function createSecondsHistogram(
  meter: MetricMeter,
  name: string,
  description: string,
): { record(value: number, tags?: MetricTags): void } {
  return meter.createHistogram(name, 'float', '', description);
}
