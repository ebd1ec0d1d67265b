/** Follows a run from the disk until its workflow ends, or waits for an operator. */
import { setTimeout as delay } from 'node:timers/promises';
import { readRunEntry } from '../../files/run/run-status';
import type { RunEntry } from '../../contract/run-record';
import type { ProgressView } from '../bars/progress-bar';

/** How following ended. */
export type Followed =
  | { readonly kind: 'ended'; readonly error: unknown }
  | { readonly kind: 'parked'; readonly entry: RunEntry }
  | { readonly kind: 'left' };

/** **Units** ms; reading may take at most a tenth of the time. */
const LOOK_EVERY_MS = 400;
const SHARE = 10;
const LONGEST_PAUSE_MS = 5_000;

/** A run that parks may be retried at once by somebody else: it is parked when it still is after so long. **Units** ms. */
const PARKED_AFTER_MS = 2_000;

/** `result` is the workflow's; its failure is told, not thrown. `left`: somebody does not want to follow it any more. */
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
    const pause = Math.max(LOOK_EVERY_MS, (Date.now() - startedAt) * SHARE);
    // A pause that goes on after the end would keep the process alive.
    const over = new AbortController();
    const paused = delay(Math.min(LONGEST_PAUSE_MS, pause), null, { signal: over.signal });
    const first = await Promise.race([ended, options.left, paused.catch(() => null)]);
    over.abort();
    if (first !== null) return first;
  }
}
