/**
 * The limiter of one host: open connections, requests in every window of one second, and the waits
 * that the host asked for.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { SavedWait } from '../../../contract/hosts/saved-host-state';
import type { HostBudget } from '../../../contract/run-input';
import type { AdaptiveRate } from './adaptive-rate';
import type { AskedWait } from './asked-wait';
import { Connections } from './connections';
import { HostDeferred, HostGivenUp, PermitWithdrawn } from '../host-unavailable';
import type { RetryAfterCode } from '../interpret-outcome';
import { createRateWindow, type RequestTime } from './rate-window';
import type { BudgetRequest } from '../shared/budget-request';

/** How often a long wait checks whether the batch has left the limiter. In milliseconds. */
const CHECK_MS = 500;
const SHARED_CHECK_MS = 100;

/**
 * After three waits without a good answer between them, the remaining images of the host fail, or
 * the image that alone asked for them (docs/reference/input.md, "Hosts").
 */
const MOST_WAITS = 3;

/** Permission of the limiter to send one request. */
export interface LimiterPermit {
  /** The request is being written to its socket. */
  sent(): void;
  /** The head of the answer has arrived. */
  answered(): void;
  /**
   * The host refused the connection, or ended it without an answer. If it has others, fewer are
   * used from now on.
   *
   * @returns false when the host may be down, or the image may be why its connection ended.
   */
  connectionRefused(isSent: boolean): boolean;
  /** Returns the connection to the limiter. */
  release(): void;
  /**
   * The connection must be closed after the request: other batches, which may open connections of
   * their own, do not count it.
   */
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
   * The host asked for a wait. Requests that were already under way when the wait began belong to
   * the same wait.
   */
  askedToWait(wait: AskedWait): void;
  /**
   * Whether all waits since the last good answer were asked for one image. `itsWaits` is the number
   * of answers for the image that asked last, in this batch and earlier ones.
   */
  isOnlyAsker(itsWaits: number): boolean;
  /** @throws as {@link acquire}, but acquires nothing. */
  check(signal: AbortSignal): void;
  /**
   * Another host, to which this one redirects, asked for a wait. No request is permitted until it
   * is over.
   */
  hold(waitMs: number, code: RetryAfterCode): void;
  /** An answer arrived that ends a series of waits. */
  goodAnswer(): void;
  /** The host asked for too many waits in a row: every further request fails. */
  isExhausted(): boolean;
  /** In milliseconds; 0 when requests may be sent. */
  opensInMs(): number;
  /** State for the lane's next batch, or null if there is none. */
  snapshot(): SavedWait | null;
  /** Every caller that waits for a permit gets {@link PermitWithdrawn}. */
  withdraw(): void;
  /** Grants no further permits. Requests that are under way may finish. */
  leave(): void;
}

export interface LimiterOptions {
  readonly saved: SavedWait | null;
  /** No permit is granted before this time of `performance.now()`. */
  readonly opensAt: number;
  /**
   * Requests a permit of the budget that all processes share. It is granted at once while the host
   * is not shared.
   */
  readonly shared: () => BudgetRequest;
  /** As {@link Connections} has it. */
  readonly reuseWaitMs: number;
}

export function createLimiter(
  budget: HostBudget,
  rate: AdaptiveRate,
  { saved, opensAt, shared, reuseWaitMs }: LimiterOptions,
): Limiter {
  const state: LimiterState = createLimiterState(saved);
  const window = createRateWindow(budget.requestsPerSecond, () => rate.now(), opensAt);
  const connections = new Connections(budget.connections, reuseWaitMs);
  const withdraw = (): void => {
    state.withdrawals += 1;
    connections.wakeAll();
  };
  return {
    acquire: async (signal) => {
      const check = createPermitCheck(state, signal);
      check();
      await connections.take();
      try {
        await waitForTurn(check, () => Math.max(state.until, window.nextAt()), signal);
        // The window counts the request before the shared permit is granted, so that other requests
        // can take their turns in the meantime.
        const time = window.take();
        const request = await acquireSharedPermit(shared(), time, check);
        return createLimiterPermit({ time, request }, { rate, connections });
      } catch (error) {
        connections.release();
        throw error;
      }
    },
    askedToWait: (wait) => {
      if (noteWait(state, wait)) withdraw();
    },
    isOnlyAsker: (itsWaits) => itsWaits > MOST_WAITS && isOnlyAsker(state, itsWaits),
    check: (signal) => {
      createPermitCheck(state, signal)();
    },
    hold: (waitMs, code) => {
      holdUntil(state, performance.now() + waitMs, code);
    },
    goodAnswer: () => {
      endWaits(state);
    },
    isExhausted: () => state.waits > MOST_WAITS,
    opensInMs: () => Math.max(0, state.until - performance.now()),
    snapshot: () => snapshotOfWaits(state),
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

function endWaits(state: LimiterState): void {
  state.waits = 0;
  state.askers.clear();
}

/**
 * The host is not exhausted while all waits may be due to one image, which then fails alone.
 *
 * @returns whether the answer began a new wait.
 */
function noteWait(state: LimiterState, { waitMs, code, startedAt, image }: AskedWait): boolean {
  holdUntil(state, performance.now() + waitMs, code);
  state.askers.add(image.entry);
  if (startedAt <= state.waitBegan) return false;
  state.waitBegan = performance.now();
  state.waits += 1;
  if (isOnlyAsker(state, image.earlierWaits + 1)) state.waits = Math.min(state.waits, MOST_WAITS);
  return true;
}

/** Waits of earlier batches count as those of the image if it had as many. */
function isOnlyAsker({ askers, waits }: LimiterState, itsWaits: number): boolean {
  return askers.size === 1 && itsWaits >= waits;
}

/** Waits until the owner of the shared budget grants the request. */
async function acquireSharedPermit(
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

function createLimiterPermit(
  { time, request }: { readonly time: RequestTime; readonly request: BudgetRequest },
  { rate, connections }: { readonly rate: AdaptiveRate; readonly connections: Connections },
): LimiterPermit {
  const release = once(() => {
    connections.release();
  });
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
      connections.answered();
      const { sentAt, answeredAt } = time;
      if (sentAt !== null && answeredAt !== null) rate.answered(sentAt, answeredAt - sentAt);
    },
    release: () => {
      answered();
      request.release();
      // undici uses a connection again in the next cycle of the event loop. A request before that
      // would open another one.
      setImmediate(release);
    },
    closesConnection: () => request.closesConnection(),
    connectionRefused: (isSent) => connections.refused(isSent),
  };
}

/** Mutable state, one object per limiter. */
interface LimiterState {
  until: number;
  code: RetryAfterCode;
  waitBegan: number;
  waits: number;
  /** The entries whose answers asked for these waits, as far as this batch knows them. */
  readonly askers: Set<number>;
  withdrawals: number;
  isLeft: boolean;
}

function createLimiterState(saved: SavedWait | null): LimiterState {
  const until = saved === null ? 0 : performance.now() + saved.waitMs;
  const { code, waits } = saved ?? { code: 'http_429' as const, waits: 0 };
  return { until, code, waitBegan: -1, waits, askers: new Set(), withdrawals: 0, isLeft: false };
}

function snapshotOfWaits({ until, code, waits }: LimiterState): SavedWait | null {
  const waitMs = Math.max(0, Math.round(until - performance.now()));
  return waitMs === 0 && waits === 0 ? null : { code, waits, waitMs };
}

/** Returns a function that throws when the wait for a permit must end. */
function createPermitCheck(state: LimiterState, signal: AbortSignal): () => void {
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

function once(action: () => void): () => void {
  let isDone = false;
  return () => {
    if (isDone) return;
    isDone = true;
    action();
  };
}
