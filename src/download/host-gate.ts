/** One host's budget within a batch: connections, requests in every window of one second, and the waits it asked for. */
import { setTimeout as delay } from 'node:timers/promises';
import type { HostBudget } from '../contract/run-input';

/** **Units** ms. A little more than a second: clocks are not the same everywhere. */
const WINDOW_MS = 1_010;

/** A request that is not answered yet has reached its host after so long. **Units** ms. */
const LONGEST_WAY_MS = 250;

/** How often a long wait looks whether the gate was left. **Units** ms. */
const LOOK_MS = 500;

/** **Source** the public contract: after three waits without one good answer between, the rest fails. */
const WAITS_IN_VAIN = 3;

/** The batch leaves this host: what has not been sent is for the next batch. */
export class HostLeft extends Error {
  override readonly name = 'HostLeft';
}

/** The host asked for patience too often: its remaining images fail without a request. */
export class HostExhausted extends Error {
  override readonly name = 'HostExhausted';

  constructor(readonly code: WaitCode) {
    super('the host asked for patience three times in a row');
  }
}

/** One request's place. */
export interface Admission {
  /** The request goes out now. */
  sent(): void;
  /** Its answer begins. */
  answered(): void;
  /** Gives the connection back. */
  release(): void;
}

export interface HostGate {
  /** Waits for a place. **Errors** {@link HostLeft}; {@link HostExhausted}; the signal's reason. */
  admit(signal: AbortSignal): Promise<Admission>;
  /**
   * The host asked for a wait. Requests that were under way when it began belong to the same wait.
   * **Units** ms; `startedAt` as of `performance.now()`.
   */
  askedToWait(waitMs: number, startedAt: number, code: WaitCode): void;
  /** An answer that is no call for patience. */
  goodAnswer(): void;
  /** Lets nobody in any more; who is in may finish. */
  leave(): void;
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
        return admissionOf(window.take(), once(release));
      } catch (error) {
        release();
        throw error;
      }
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
  };
}

function admissionOf(time: RequestTime, release: () => void): Admission {
  const answered = (): void => {
    time.answeredAt ??= performance.now();
  };
  return {
    sent: () => (time.sentAt ??= performance.now()),
    answered,
    release: () => {
      answered();
      release();
    },
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
  if (state.exhausted !== null) throw new HostExhausted(state.exhausted);
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

/** When a request may have reached the host: between being written to its socket and its answer. */
interface RequestTime {
  sentAt: number | null;
  answeredAt: number | null;
}

/** The latest moment at which it may have arrived. */
function arrivedBy({ sentAt, answeredAt }: RequestTime): number {
  const now = performance.now();
  return Math.min(answeredAt ?? now, (sentAt ?? now) + LONGEST_WAY_MS);
}

/** At most `rate` arrivals in any window; below one a second, one in `1/rate` seconds. */
function createRateWindow(rate: number): { nextAt(): number; take(): RequestTime } {
  const size = Math.max(1, Math.floor(rate));
  const spanMs = WINDOW_MS * (size / rate);
  const times: RequestTime[] = [];
  return {
    nextAt: () => {
      const [oldest] = times;
      return oldest === undefined || times.length < size ? 0 : arrivedBy(oldest) + spanMs;
    },
    take: () => {
      const time: RequestTime = { sentAt: null, answeredAt: null };
      times.push(time);
      if (times.length > size) times.shift();
      return time;
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
