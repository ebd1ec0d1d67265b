/** Follows a run from the disk until its workflow ends, or until it waits for an operator. */
import { setTimeout as delay } from 'node:timers/promises';
import { readRunEntry } from '../../files/run/run-status';
import type { RunEntry } from '../../contract/run-record';
import type { ProgressView } from '../bars/progress-bar';

/** How following ended. */
export type Followed =
  | { readonly kind: 'ended'; readonly error: unknown }
  | { readonly kind: 'parked'; readonly entry: RunEntry }
  | { readonly kind: 'left' };

/** The pauses between two reads in milliseconds. Reading may take at most a tenth of the time. */
const READ_EVERY_MS = 400;
const READ_SHARE = 10;
const LONGEST_PAUSE_MS = 5_000;

/**
 * Another user may retry a parked run at once, so a run counts as parked when it still is after
 * this time. In milliseconds.
 */
const PARKED_AFTER_MS = 2_000;

/**
 * Follows a run.
 *
 * @param options `result` is the workflow's, and its failure is returned and not thrown. `left`
 *   resolves when the user stops following.
 */
export async function followRun(options: {
  readonly dataRoot: string;
  readonly runId: string;
  readonly result: Promise<unknown>;
  readonly left: Promise<Followed>;
  readonly view: ProgressView;
}): Promise<Followed> {
  const ended = options.result.then(
    (): Followed => ({ kind: 'ended', error: null }),
    (error: unknown): Followed => ({ kind: 'ended', error }),
  );
  let parkedSince: number | null = null;
  for (;;) {
    const startedAt = Date.now();
    const entry = await readRunEntry(options.dataRoot, options.runId, new Date());
    if (entry !== null) options.view.update(entry);
    if (entry?.state === 'parked') {
      parkedSince ??= startedAt;
      if (startedAt - parkedSince >= PARKED_AFTER_MS) return { kind: 'parked', entry };
    } else parkedSince = null;
    const pause = Math.max(READ_EVERY_MS, (Date.now() - startedAt) * READ_SHARE);
    // A pause that continues after the end would keep the process alive.
    const over = new AbortController();
    const paused = delay(Math.min(LONGEST_PAUSE_MS, pause), null, { signal: over.signal });
    const first = await Promise.race([ended, options.left, paused.catch(() => null)]);
    over.abort();
    if (first !== null) return first;
  }
}
