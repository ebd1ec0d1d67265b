/** One host's budget within a batch: connections, requests in every window of one second, and the waits it asked for. */
import { setTimeout as delay } from 'node:timers/promises';
import type { ImageCode } from '../contract/outcome';
import type { AskedMemory } from '../contract/payloads';
import type { HostBudget } from '../contract/run-input';
import type { AdaptiveRate } from './adaptive-rate';
import { createRateWindow, type RequestTime } from './rate-window';

/** How often a long wait looks whether the gate was left. **Units** ms. */
const LOOK_MS = 500;

/** **Source** the public contract: after three waits without one good answer between, the rest fails. */
const WAITS_IN_VAIN = 3;

/** The batch leaves this host: what has not been sent is for the next batch. */
export class HostLeft extends Error {
  override readonly name = 'HostLeft';
}

/** The request was not sent: the host is to be left alone for a while, then it may try again. */
export class HostRecalled extends Error {
  override readonly name = 'HostRecalled';
}

/** The host was waited for too often: its remaining images fail without a request. */
export class HostExhausted extends Error {
  override readonly name = 'HostExhausted';

  constructor(
    readonly code: ImageCode,
    message: string,
  ) {
    super(message);
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
  /** Waits for a place. **Errors** {@link HostLeft}; {@link HostRecalled}; {@link HostExhausted}; the signal's reason. */
  admit(signal: AbortSignal): Promise<Admission>;
  /**
   * The host asked for a wait. Requests that were under way when it began belong to the same wait.
   * **Units** ms; `startedAt` as of `performance.now()`.
   */
  askedToWait(waitMs: number, startedAt: number, code: WaitCode): void;
  /** **Errors** as {@link admit}. */
  check(signal: AbortSignal): void;
  /** Another host, to which this one redirects, asked for a wait: nobody is let in meanwhile. */
  hold(waitMs: number, code: WaitCode): void;
  /** An answer that is no call for patience. */
  goodAnswer(): void;
  /** It was waited for too often: who comes fails. */
  isExhausted(): boolean;
  /** **Units** ms; 0: it is open. */
  opensInMs(): number;
  /** What the next batch must know; null: nothing. */
  memory(): AskedMemory | null;
  /** Who waits for a place comes back with {@link HostRecalled}. */
  recall(): void;
  /** Lets nobody in any more; who is in may finish. */
  leave(): void;
}

export type WaitCode = 'http_429' | 'http_503';

/** Of a failure that names a time: only these two do. */
export function waitCodeOf(code: ImageCode): WaitCode {
  return code === 'http_429' ? 'http_429' : 'http_503';
}

export function createHostGate(
  budget: HostBudget,
  rate: AdaptiveRate,
  { memory, opensAt }: { readonly memory: AskedMemory | null; readonly opensAt: number },
): HostGate {
  const state: GateState = stateOf(memory);
  const window = createRateWindow(budget.requestsPerSecond, () => rate.now(), opensAt);
  const connections = createConnections(budget.connections);
  const recall = (): void => {
    state.recalls += 1;
    connections.wakeAll();
  };
  return {
    admit: async (signal) => {
      const check = checkOf(state, signal);
      check();
      await connections.take();
      try {
        await waitForTurn(check, () => Math.max(state.until, window.nextAt()), signal);
        return admissionOf(window.take(), rate, once(connections.release));
      } catch (error) {
        connections.release();
        throw error;
      }
    },
    askedToWait: (waitMs, startedAt, code) => {
      holdUntil(state, performance.now() + waitMs, code);
      if (isNewWait(state, startedAt)) recall();
    },
    check: (signal) => {
      checkOf(state, signal)();
    },
    hold: (waitMs, code) => {
      holdUntil(state, performance.now() + waitMs, code);
    },
    goodAnswer: () => {
      state.waits = 0;
    },
    isExhausted: () => state.waits > WAITS_IN_VAIN,
    opensInMs: () => Math.max(0, state.until - performance.now()),
    memory: () => memoryOf(state),
    recall,
    leave: () => {
      state.isLeft = true;
      connections.wakeAll();
    },
  };
}

function holdUntil(state: GateState, until: number, code: WaitCode): void {
  state.until = Math.max(state.until, until);
  state.code = code;
}

function isNewWait(state: GateState, startedAt: number): boolean {
  if (startedAt <= state.waitBegan) return false;
  state.waitBegan = performance.now();
  state.waits += 1;
  return true;
}

function admissionOf(time: RequestTime, rate: AdaptiveRate, release: () => void): Admission {
  const answered = (): void => {
    time.answeredAt ??= performance.now();
  };
  return {
    sent: () => (time.sentAt ??= performance.now()),
    answered: () => {
      answered();
      const { sentAt, answeredAt } = time;
      if (sentAt !== null && answeredAt !== null) rate.answered(sentAt, answeredAt - sentAt);
    },
    release: () => {
      answered();
      release();
    },
  };
}

/** Mutable, one a gate. */
interface GateState {
  until: number;
  code: WaitCode;
  waitBegan: number;
  waits: number;
  recalls: number;
  isLeft: boolean;
}

function stateOf(memory: AskedMemory | null): GateState {
  const until = memory === null ? 0 : performance.now() + memory.waitMs;
  const { code, waits } = memory ?? { code: 'http_429' as const, waits: 0 };
  return { until, code, waitBegan: -1, waits, recalls: 0, isLeft: false };
}

function memoryOf({ until, code, waits }: GateState): AskedMemory | null {
  const waitMs = Math.max(0, Math.round(until - performance.now()));
  return waitMs === 0 && waits === 0 ? null : { code, waits, waitMs };
}

/** What may happen to who waits for a place. */
function checkOf(state: GateState, signal: AbortSignal): () => void {
  const { recalls } = state;
  return () => {
    signal.throwIfAborted();
    if (state.waits > WAITS_IN_VAIN)
      throw new HostExhausted(state.code, 'the host asked for patience three times in a row');
    if (state.isLeft) throw new HostLeft('the batch leaves this host');
    if (recalls !== state.recalls) throw new HostRecalled('the host is to be left alone');
  };
}

interface Connections {
  readonly take: () => Promise<void>;
  readonly release: () => void;
  /** Who waits for one need not wait for one that finishes: all find out why they were woken, and release. */
  readonly wakeAll: () => void;
}

function createConnections(most: number): Connections {
  let open = 0;
  const queue: (() => void)[] = [];
  return {
    take: async () => {
      if (open >= most) {
        // The place is handed over by a release.
        await new Promise<void>((resolve) => queue.push(resolve));
      } else open += 1;
    },
    release: () => {
      const next = queue.shift();
      if (next === undefined) open -= 1;
      else next();
    },
    wakeAll: () => {
      open += queue.length;
      for (const wake of queue.splice(0)) wake();
    },
  };
}

async function waitForTurn(
  check: () => void,
  nextAt: () => number,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    check();
    const wait = nextAt() - performance.now();
    if (wait <= 0) return;
    await delay(Math.min(LOOK_MS, Math.ceil(wait)), undefined, { signal });
  }
}

function once(work: () => void): () => void {
  let isDone = false;
  return () => {
    if (isDone) return;
    isDone = true;
    work();
  };
}
