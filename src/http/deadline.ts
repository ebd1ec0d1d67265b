/** Our own time limits: idle timeouts never fire on a server that drips. */
import { FetchFailure } from './fetch-failure';

/** After this long a body must have come at {@link SLOWEST} at least. **Units** ms, bytes a second. */
const RATE_AFTER_MS = 10_000;
const SLOWEST = 100;
const LOOK_MS = 1_000;

export interface Deadline {
  readonly signal: AbortSignal;
  /** Counts bytes of the body. */
  count(byteCount: number): void;
  clear(): void;
}

/** Aborts with a FetchFailure `timeout` at the deadline or below the minimum rate, or with the outer signal's reason. */
export function startDeadline(options: {
  readonly seconds: number;
  readonly signal: AbortSignal;
}): Deadline {
  const controller = new AbortController();
  const startedAt = performance.now();
  let bodyAt: number | null = null;
  let bytes = 0;
  const abort = (message: string): void => {
    controller.abort(new FetchFailure('timeout', message));
  };
  const look = (): void => {
    const now = performance.now();
    if (now - startedAt >= options.seconds * 1_000)
      abort(`not complete after ${options.seconds} s`);
    else if (
      bodyAt !== null &&
      now - bodyAt >= RATE_AFTER_MS &&
      bytes / ((now - bodyAt) / 1_000) < SLOWEST
    ) {
      abort(`slower than ${SLOWEST} bytes a second`);
    }
  };
  const timer = setInterval(look, Math.min(LOOK_MS, options.seconds * 1_000));
  const onOuter = (): void => {
    controller.abort(options.signal.reason);
  };
  options.signal.addEventListener('abort', onOuter, { once: true });
  if (options.signal.aborted) onOuter();
  return {
    signal: controller.signal,
    count: (byteCount) => {
      bodyAt ??= performance.now();
      bytes += byteCount;
    },
    clear: () => {
      clearInterval(timer);
      options.signal.removeEventListener('abort', onOuter);
    },
  };
}
