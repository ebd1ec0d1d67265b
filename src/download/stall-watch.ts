/** Notices that this process was stopped (SIGSTOP, a sleeping laptop): its executions may have successors by now. */

/** Less than the heartbeat timeout of a batch. **Units** ms. */
const LONGEST_GAP_MS = 12_000;
const TICK_MS = 1_000;

/**
 * A task may have been handed to the process while it stood still, and have timed out since: what begins so soon after is
 * not trusted either. **Units** ms.
 */
const SETTLE_MS = 2_000;

/** The execution ends before its next request; its successor goes on from the ledgers. */
export class ExecutionStalled extends Error {
  override readonly name = 'ExecutionStalled';

  constructor() {
    super('the process stood still for longer than a heartbeat: another execution may go on');
  }
}

/** One execution's view. */
export interface AwakeCheck {
  /** **Errors** {@link ExecutionStalled} when the event loop stood still for too long since, or just before, it began. */
  assertAwake(): void;
}

export interface StallWatch {
  /** An execution begins. */
  begin(): AwakeCheck;
}

/** One a process. The monotonic clock counts while a process is stopped, and does not jump with the machine's time. */
export function createStallWatch(): StallWatch {
  let tickedAt = performance.now();
  let wokeAt = Number.NEGATIVE_INFINITY;
  const look = (): void => {
    const now = performance.now();
    if (now - tickedAt > LONGEST_GAP_MS) wokeAt = now;
    tickedAt = now;
  };
  setInterval(look, TICK_MS).unref();
  return {
    begin: () => {
      look();
      const beganAt = performance.now();
      return {
        assertAwake: () => {
          look();
          if (beganAt < wokeAt + SETTLE_MS) throw new ExecutionStalled();
        },
      };
    },
  };
}

/** For a process that another one watches over: awake as long as that one's beats come. */
export function createBeatWatch(): StallWatch & { beat(): void } {
  let heardAt = performance.now();
  return {
    beat: () => {
      heardAt = performance.now();
    },
    begin: () => ({
      assertAwake: () => {
        if (performance.now() - heardAt > LONGEST_GAP_MS) throw new ExecutionStalled();
      },
    }),
  };
}
