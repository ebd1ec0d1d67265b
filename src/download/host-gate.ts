/** One host's budget within a batch: connections, requests in every window of one second, and the waits it asked for. */
import { setTimeout as delay } from 'node:timers/promises';
import type { HostBudget } from '../contract/run-input';

/** **Units** ms. A little more than a second: what we send evenly may arrive unevenly. */
const WINDOW_MS = 1_050;

/** How often a long wait looks whether the gate was left. **Units** ms. */
const LOOK_MS = 500;

/** **Source** the public contract: after three waits without one good answer between, the rest fails. */
const WAITS_IN_VAIN = 3;

/** The batch leaves this host: what has not been sent is for the next batch. */
export class HostLeft extends Error {
  override readonly name = 'HostLeft';
}

export interface HostGate {
  /** Waits for a place; the function it returns gives the connection back. **Errors** {@link HostLeft}; the signal's reason. */
  admit(signal: AbortSignal): Promise<() => void>;
  /**
   * The host asked for a wait. Requests that were under way when it began belong to the same wait.
   * **Units** ms; `startedAt` as of `performance.now()`.
   */
  askedToWait(waitMs: number, startedAt: number, code: WaitCode): void;
  /** An answer that is no call for patience. */
  goodAnswer(): void;
  /** Lets nobody in any more; who is in may finish. */
  leave(): void;
  /** The code with which the host's remaining images fail; null while it may be asked. */
  exhausted(): WaitCode | null;
}

export type WaitCode = 'http_429' | 'http_503';

export function createHostGate(budget: HostBudget, exhausted: WaitCode | null = null): HostGate {
  const state: GateState = { open: 0, until: 0, waitBegan: -1, waits: 0, exhausted, isLeft: false };
  const window = createRateWindow(budget.requestsPerSecond);
  const queue: (() => void)[] = [];
  const release = (): void => {
    const next = queue.shift();
    if (next === undefined) state.open -= 1;
    else next();
  };
  return {
    admit: async (signal) => {
      await takeConnection(state, queue, budget.connections, signal);
      try {
        await waitForTurn(state, () => window.nextAt(), signal);
        window.take();
      } catch (error) {
        release();
        throw error;
      }
      return once(release);
    },
    askedToWait: (waitMs, startedAt, code) => {
      const now = performance.now();
      state.until = Math.max(state.until, now + waitMs);
      if (startedAt <= state.waitBegan) return;
      state.waitBegan = now;
      state.waits += 1;
      if (state.waits > WAITS_IN_VAIN) state.exhausted ??= code;
    },
    goodAnswer: () => {
      state.waits = 0;
    },
    leave: () => {
      state.isLeft = true;
      // Who waits for a connection need not wait for one that finishes: all find the gate left.
      state.open += queue.length;
      for (const wake of queue.splice(0)) wake();
    },
    exhausted: () => state.exhausted,
  };
}

/** Mutable, one a gate. */
interface GateState {
  open: number;
  until: number;
  waitBegan: number;
  waits: number;
  exhausted: WaitCode | null;
  isLeft: boolean;
}

function assertOpen(state: GateState, signal: AbortSignal): void {
  signal.throwIfAborted();
  if (state.isLeft) throw new HostLeft('the batch leaves this host');
}

async function takeConnection(
  state: GateState,
  queue: (() => void)[],
  connections: number,
  signal: AbortSignal,
): Promise<void> {
  assertOpen(state, signal);
  if (state.open < connections) {
    state.open += 1;
    return;
  }
  // The place is handed over by a release.
  await new Promise<void>((resolve) => queue.push(resolve));
}

async function waitForTurn(
  state: GateState,
  nextAt: () => number,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    assertOpen(state, signal);
    const wait = Math.max(state.until, nextAt()) - performance.now();
    if (wait <= 0) return;
    await delay(Math.min(LOOK_MS, Math.ceil(wait)), undefined, { signal });
  }
}

/** At most `rate` takes in any window; below one a second, one in `1/rate` seconds. */
function createRateWindow(rate: number): { nextAt(): number; take(): void } {
  const size = Math.max(1, Math.floor(rate));
  const spanMs = WINDOW_MS * (size / rate);
  const times: number[] = [];
  return {
    nextAt: () => (times.length < size ? 0 : (times[0] ?? 0) + spanMs),
    take: () => {
      times.push(performance.now());
      if (times.length > size) times.shift();
    },
  };
}

function once(work: () => void): () => void {
  let isDone = false;
  return () => {
    if (isDone) return;
    isDone = true;
    work();
  };
}
