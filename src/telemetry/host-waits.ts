/**
 * Metrics of the waits of hosts: their length, and how many hosts wait now. A catalog may have
 * 100,000 hosts, which are too many for a label.
 */
import type { MetricGauge, MetricHistogram } from '@temporalio/common';

/**
 * The number of hosts with a label of their own, in the order of their first wait. All others share
 * one label.
 */
const MOST_LABELS = 50;
const OTHERS = 'others';

/**
 * Reports within this time belong to the same wait, which all requests to a host report. In
 * milliseconds.
 */
const SAME_MS = 250;

/** Returns a function that records one wait. A host waits until the latest of its waits is over. */
export function createHostWaits(metrics: {
  readonly waits: Pick<MetricHistogram, 'record'>;
  readonly waiting: Pick<MetricGauge, 'set'>;
}): (host: string, waitMs: number) => void {
  const labels = new Set<string>();
  const waitEndsByHost = new Map<string, number>();
  const updateWaitingCount = (): void => {
    const now = performance.now();
    for (const [host, waitEndsAt] of waitEndsByHost)
      if (waitEndsAt <= now) waitEndsByHost.delete(host);
    metrics.waiting.set(waitEndsByHost.size);
  };
  updateWaitingCount();
  return (host, waitMs) => {
    const waitEndsAt = performance.now() + waitMs;
    if (waitEndsAt < (waitEndsByHost.get(host) ?? 0) + SAME_MS) return;
    waitEndsByHost.set(host, waitEndsAt);
    if (labels.size < MOST_LABELS) labels.add(host);
    metrics.waits.record(waitMs / 1_000, { host: labels.has(host) ? host : OTHERS });
    updateWaitingCount();
    // Timers fire at most a millisecond early.
    setTimeout(updateWaitingCount, waitMs + 2).unref();
  };
}
