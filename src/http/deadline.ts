/** Our own time limits: idle timeouts never fire on a server that drips. */
import { FetchFailure } from './fetch-failure';
import { whenAborted } from './when-aborted';

/** After this long a body must have come at {@link SLOWEST} at least. **Units** ms, bytes a second. */
const RATE_AFTER_MS = 10_000;
const SLOWEST = 100;
const LOOK_MS = 1_000;

export interface Deadline {
  /** Why it ended; null as long as it has not. */
  reason(): unknown;
  /** Told once, at once when it has ended already. Whoever comes last is told. */
  onEnd(tell: (reason: unknown) => void): void;
  /** Counts bytes of the body. */
  count(byteCount: number): void;
  clear(): void;
}

/** Ends with a FetchFailure `timeout` at the deadline or below the minimum rate, or with the outer signal's reason. */
export function startDeadline(options: {
  readonly seconds: number;
  readonly signal: AbortSignal;
}): Deadline {
  const startedAt = performance.now();
  let bodyAt: number | null = null;
  let bytes = 0;
  let ended: { readonly reason: unknown } | null = null;
  let told: (reason: unknown) => void = () => undefined;
  const end = (reason: unknown): void => {
    if (ended !== null) return;
    ended = { reason };
    told(reason);
  };
  const look = (): void => {
    const now = performance.now();
    if (now - startedAt >= options.seconds * 1_000)
      end(new FetchFailure('timeout', `not complete after ${options.seconds} s`));
    else if (
      bodyAt !== null &&
      now - bodyAt >= RATE_AFTER_MS &&
      bytes / ((now - bodyAt) / 1_000) < SLOWEST
    ) {
      end(new FetchFailure('timeout', `slower than ${SLOWEST} bytes a second`));
    }
  };
  const timer = setInterval(look, Math.min(LOOK_MS, options.seconds * 1_000));
  const forget = whenAborted(options.signal, end);
  return {
    reason: () => ended?.reason ?? null,
    onEnd: (tell) => {
      told = tell;
      if (ended !== null) tell(ended.reason);
    },
    count: (byteCount) => {
      bodyAt ??= performance.now();
      bytes += byteCount;
    },
    clear: () => {
      clearInterval(timer);
      forget();
    },
  };
}
