/** The limiter of one host: open connections, requests in every window of one second, and the waits that it asked for. */
import { setTimeout as delay } from 'node:timers/promises';
import type { AskedMemory } from '../../../contract/payloads';
import type { HostBudget } from '../../../contract/run-input';
import type { AdaptiveRate } from './adaptive-rate';
import { HostDeferred, HostGivenUp, PermitWithdrawn } from '../host-unavailable';
import type { RetryAfterCode } from '../interpret-outcome';
import { createRateWindow, type RequestTime } from './rate-window';
import type { BudgetRequest } from '../shared/budget-request';

/** How often a long wait checks whether the limiter was left. **Units** ms. */
const CHECK_MS = 500;
const SHARED_CHECK_MS = 100;

/** After three waits without one good answer between them, the rest of the host fails (docs/reference/input.md, "Hosts"). */
const MOST_WAITS = 3;

/** The leave of the limiter to send one request. */
export interface LimiterPermit {
  /** The request is written to its socket now. */
  sent(): void;
  /** The head of its answer has come. */
  answered(): void;
  /** Gives the connection back. */
  release(): void;
  /** The connection must not be kept: other batches, which may open one of their own, do not see it. */
  closesConnection(): boolean;
}

export interface Limiter {
  /**
   * Waits for a connection and for room in the rate window.
   *
   * @throws {HostDeferred} {@link PermitWithdrawn} {@link HostGivenUp}; the signal's reason.
   */
  acquire(signal: AbortSignal): Promise<LimiterPermit>;
  /**
   * The host asked for a wait. Requests that were under way when it began belong to the same wait.
   * **Units** ms; `startedAt` as of `performance.now()`.
   */
  askedToWait(waitMs: number, startedAt: number, code: RetryAfterCode): void;
  /** @throws as {@link acquire}, without taking anything. */
  check(signal: AbortSignal): void;
  /** Another host, to which this one redirects, asked for a wait: nobody is let in meanwhile. */
  hold(waitMs: number, code: RetryAfterCode): void;
  /** An answer that ends a series of waits came. */
  goodAnswer(): void;
  /** It was waited for too often: every further request fails. */
  isExhausted(): boolean;
  /** **Units** ms; 0 when requests may go out. */
  opensInMs(): number;
  /** What the lane's next batch must know; null: nothing. */
  snapshot(): AskedMemory | null;
  /** Everybody who waits for a permit gets {@link PermitWithdrawn}. */
  withdraw(): void;
  /** Gives no permit any more; requests under way may finish. */
  leave(): void;
}

export interface LimiterOptions {
  readonly memory: AskedMemory | null;
  /** No permit before; as of `performance.now()`. */
  readonly opensAt: number;
  /** A permit of the budget that all processes share, which is granted at once while the host is not shared. */
  readonly shared: () => BudgetRequest;
  /** A request waits for so long for a connection in use before it opens another. **Units** ms; 0: it opens one at once. */
  readonly reuseWaitMs: number;
}

export function createLimiter(
  budget: HostBudget,
  rate: AdaptiveRate,
  { memory, opensAt, shared, reuseWaitMs }: LimiterOptions,
): Limiter {
  const state: LimiterState = stateOf(memory);
  const window = createRateWindow(budget.requestsPerSecond, () => rate.now(), opensAt);
  const connections = createConnections(budget.connections, reuseWaitMs);
  const withdraw = (): void => {
    state.withdrawals += 1;
    connections.wakeAll();
  };
  return {
    acquire: async (signal) => {
      const check = checkOf(state, signal);
      check();
      await connections.take();
      try {
        await waitForTurn(check, () => Math.max(state.until, window.nextAt()), signal);
        // Its turn is used before the shared permit is granted: other requests have theirs meanwhile.
        const time = window.take();
        const request = await sharedPermit(shared(), time, check);
        return permitOf({ time, request }, rate, once(connections.release));
      } catch (error) {
        connections.release();
        throw error;
      }
    },
    askedToWait: (waitMs, startedAt, code) => {
      holdUntil(state, performance.now() + waitMs, code);
      if (isNewWait(state, startedAt)) withdraw();
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
    isExhausted: () => state.waits > MOST_WAITS,
    opensInMs: () => Math.max(0, state.until - performance.now()),
    snapshot: () => snapshotOf(state),
    withdraw,
    leave: () => {
      state.isLeft = true;
      connections.wakeAll();
    },
  };
}

function holdUntil(state: LimiterState, until: number, code: RetryAfterCode): void {
  state.until = Math.max(state.until, until);
  state.code = code;
}

function isNewWait(state: LimiterState, startedAt: number): boolean {
  if (startedAt <= state.waitBegan) return false;
  state.waitBegan = performance.now();
  state.waits += 1;
  return true;
}

/** Waits until the owner of the shared budget grants the request. */
async function sharedPermit(
  request: BudgetRequest,
  time: RequestTime,
  check: () => void,
): Promise<BudgetRequest> {
  try {
    while (!(await request.isGrantedWithin(SHARED_CHECK_MS))) check();
    check();
    return request;
  } catch (error) {
    time.answeredAt = performance.now();
    request.release();
    throw error;
  }
}

function permitOf(
  { time, request }: { readonly time: RequestTime; readonly request: BudgetRequest },
  rate: AdaptiveRate,
  release: () => void,
): LimiterPermit {
  const answered = (): void => {
    time.answeredAt ??= performance.now();
  };
  return {
    sent: () => {
      time.sentAt ??= performance.now();
      request.sent();
    },
    answered: () => {
      answered();
      request.answered();
      const { sentAt, answeredAt } = time;
      if (sentAt !== null && answeredAt !== null) rate.answered(sentAt, answeredAt - sentAt);
    },
    release: () => {
      answered();
      request.release();
      release();
    },
    closesConnection: () => request.closesConnection(),
  };
}

/** Mutable, one a limiter. */
interface LimiterState {
  until: number;
  code: RetryAfterCode;
  waitBegan: number;
  waits: number;
  withdrawals: number;
  isLeft: boolean;
}

function stateOf(memory: AskedMemory | null): LimiterState {
  const until = memory === null ? 0 : performance.now() + memory.waitMs;
  const { code, waits } = memory ?? { code: 'http_429' as const, waits: 0 };
  return { until, code, waitBegan: -1, waits, withdrawals: 0, isLeft: false };
}

function snapshotOf({ until, code, waits }: LimiterState): AskedMemory | null {
  const waitMs = Math.max(0, Math.round(until - performance.now()));
  return waitMs === 0 && waits === 0 ? null : { code, waits, waitMs };
}

/** What ends the wait for a permit. */
function checkOf(state: LimiterState, signal: AbortSignal): () => void {
  const { withdrawals } = state;
  return () => {
    signal.throwIfAborted();
    if (state.waits > MOST_WAITS)
      throw new HostGivenUp(state.code, 'the host asked for patience three times in a row');
    if (state.isLeft) throw new HostDeferred('the batch leaves this host');
    if (withdrawals !== state.withdrawals)
      throw new PermitWithdrawn('the host is to be left alone');
  };
}

interface Connections {
  readonly take: () => Promise<void>;
  readonly release: () => void;
  /** Wakes everybody who waits, so that each finds out why, and releases its connection. */
  readonly wakeAll: () => void;
}

/** A connection that is released is handed over, or kept for the next request. */
function createConnections(most: number, reuseWaitMs: number): Connections {
  let open = 0;
  let kept = 0;
  const queue = new Set<() => void>();
  const next = (): (() => void) | undefined => {
    const [first] = queue;
    if (first !== undefined) queue.delete(first);
    return first;
  };
  const handedOver = (): Promise<void> =>
    new Promise((resolve) => {
      queue.add(resolve);
      if (open >= most) return;
      setTimeout(() => {
        if (open >= most || !queue.delete(resolve)) return;
        open += 1;
        resolve();
      }, reuseWaitMs).unref();
    });
  return {
    take: async () => {
      if (open < most && (kept > 0 || open === 0 || reuseWaitMs === 0)) {
        kept = Math.max(0, kept - 1);
        open += 1;
      } else await handedOver();
    },
    release: () => {
      const waiting = next();
      if (waiting !== undefined) {
        waiting();
        return;
      }
      open -= 1;
      kept += 1;
    },
    wakeAll: () => {
      open += queue.size;
      for (let wake = next(); wake !== undefined; wake = next()) wake();
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
    await delay(Math.min(CHECK_MS, Math.ceil(wait)), undefined, { signal });
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
