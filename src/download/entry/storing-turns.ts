/**
 * Files are placed and recorded with synchronous calls, which are the fastest for small files. When
 * many images arrive at once they take turns, so that heartbeats, timers and other sockets are
 * served in between.
 */

/** How long storing may block the event loop in one of its turns. In milliseconds. */
const LONGEST_STRETCH_MS = 25;

/**
 * Waits until files may be placed and lines appended. The work that follows must be synchronous.
 */
export type TakeTurn = () => Promise<void>;

/** One per process, because all batches share its event loop. */
export function createStoringTurns(): TakeTurn {
  const waiting: (() => void)[] = [];
  let usedMs = 0;
  let isScheduled = false;
  const serveWaiting = async (): Promise<void> => {
    isScheduled = false;
    usedMs = 0;
    for (let next = waiting.shift(); next !== undefined;) {
      next();
      await measure();
      next = usedMs < LONGEST_STRETCH_MS ? waiting.shift() : undefined;
    }
    if (waiting.length > 0) scheduleNextTurn();
  };
  const scheduleNextTurn = (): void => {
    if (isScheduled) return;
    isScheduled = true;
    setImmediate(() => void serveWaiting());
  };
  /** Measures the caller's work, which runs between the two steps. */
  const measure = async (): Promise<void> => {
    const from = performance.now();
    await Promise.resolve();
    await Promise.resolve();
    usedMs += performance.now() - from;
  };
  return () => {
    scheduleNextTurn();
    if (waiting.length > 0 || usedMs >= LONGEST_STRETCH_MS)
      return new Promise((resolve) => waiting.push(resolve));
    void measure();
    return Promise.resolve();
  };
}
