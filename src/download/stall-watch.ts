/** Notices that this process was stopped (SIGSTOP, a sleeping laptop): its batch may have a successor by now. */

/** Less than the heartbeat timeout of a batch. **Units** ms. */
const LONGEST_GAP_MS = 12_000;
const TICK_MS = 1_000;

/** The execution ends before its next request; its successor goes on from the ledgers. */
export class ExecutionStalled extends Error {
  override readonly name = 'ExecutionStalled';
}

export interface StallWatch {
  /** **Errors** {@link ExecutionStalled} once the event loop has stood still for too long. */
  assertAwake(): void;
  stop(): void;
}

/** The monotonic clock counts while a process is stopped, and does not jump with the machine's time. */
export function watchForStalls(): StallWatch {
  let tickedAt = performance.now();
  let hasStalled = false;
  const look = (): void => {
    const now = performance.now();
    hasStalled ||= now - tickedAt > LONGEST_GAP_MS;
    tickedAt = now;
  };
  const timer = setInterval(look, TICK_MS);
  return {
    assertAwake: () => {
      look();
      if (hasStalled)
        throw new ExecutionStalled('this process stood still for longer than a heartbeat may take');
    },
    stop: () => {
      clearInterval(timer);
    },
  };
}
