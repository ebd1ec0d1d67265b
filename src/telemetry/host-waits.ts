/** Waits of hosts as metrics: how long, and how many wait now. A catalog may have 100,000 hosts, a label may not. */
import type { MetricGauge, MetricHistogram } from '@temporalio/common';

/** The first so many hosts that asked for a wait have a label of their own, all others share one. */
const MOST_LABELS = 50;
const OTHERS = 'others';

/** A wait that everybody of a host is told of begins once. **Units** ms. */
const SAME_MS = 250;

/** Returns what to call at each wait. A host waits until the latest of its waits is over. */
export function createHostWaits(metrics: {
  readonly waits: Pick<MetricHistogram, 'record'>;
  readonly waiting: Pick<MetricGauge, 'set'>;
}): (host: string, waitMs: number) => void {
  const labels = new Set<string>();
  const until = new Map<string, number>();
  const count = (): void => {
    const now = performance.now();
    for (const [host, end] of until) if (end <= now) until.delete(host);
    metrics.waiting.set(until.size);
  };
  count();
  return (host, waitMs) => {
    const end = performance.now() + waitMs;
    if (end < (until.get(host) ?? 0) + SAME_MS) return;
    until.set(host, end);
    if (labels.size < MOST_LABELS) labels.add(host);
    metrics.waits.record(waitMs / 1_000, { host: labels.has(host) ? host : OTHERS });
    count();
    // Timers are at most a millisecond early.
    setTimeout(count, waitMs + 2).unref();
  };
}
