/**
 * Files are placed and recorded with synchronous calls, which are the fastest for small files. When many images arrive at
 * once, they take turns, so that heartbeats, timers and other sockets are served in between.
 */
import { setImmediate as nextTurnOfTheLoop } from 'node:timers/promises';

/** How long the event loop is held at a time. **Units** ms. */
const LONGEST_STRETCH_MS = 25;

/** Waits for the turn to place files and append lines. The work that follows must be synchronous. */
export type TakeTurn = () => Promise<void>;

/** One a process: its event loop is the same for all batches. */
export function createStoringTurns(): TakeTurn {
  const waiting: (() => void)[] = [];
  let isServing = false;
  const serve = async (): Promise<void> => {
    isServing = true;
    let since = performance.now();
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      next();
      // Whoever was called continues before this function does.
      await Promise.resolve();
      if (performance.now() - since < LONGEST_STRETCH_MS) continue;
      await nextTurnOfTheLoop();
      since = performance.now();
    }
    isServing = false;
  };
  return () =>
    new Promise((resolve) => {
      waiting.push(resolve);
      if (!isServing) void serve();
    });
}
