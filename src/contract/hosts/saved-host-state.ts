/**
 * The state of hosts that a lane's batches pass on in payloads, histories and files of the plan.
 */
import type { ImageCode } from '../outcome';

/**
 * A host that asked to wait (Retry-After). `waitMs` is the rest of the wait in milliseconds, and
 * `waits` the number of waits in a row without a good answer.
 */
export interface SavedWait {
  readonly code: 'http_429' | 'http_503';
  readonly waits: number;
  readonly waitMs: number;
}

/**
 * A host that only fails. `pauses` is the number of pauses of its lane in a row, `failing` the
 * number of images that failed since its last answer, and `waitMs` the rest of the pause in
 * milliseconds.
 */
export interface SavedOutage {
  readonly code: ImageCode;
  readonly pauses: number;
  readonly failing: number;
  readonly waitMs: number;
  /**
   * True when waiting was unsuccessful, so that the host's remaining images of the run fail without
   * a request.
   */
  readonly isExhausted: boolean;
  /** The answer of a host that refuses everything; absent when the host fails. */
  readonly refusal?: string;
}

/**
 * The state of a host that a lane's batches pass on. `rate` is in requests per second, where it is
 * below the budget.
 */
export interface SavedHostState {
  /** True when the host has answered in this run. */
  readonly answered?: boolean;
  readonly rate?: number;
  readonly asked?: SavedWait;
  readonly outage?: SavedOutage;
  /**
   * The number of images, taken from the whole lane, that were refused while it is not known
   * whether the host refuses everything.
   */
  readonly samples?: number;
}

/** Host states by host; the key `*` (`NETWORK`) stands for all of them. */
export type SavedHostStates = Readonly<Record<string, SavedHostState>>;

/** The state after `passedMs` milliseconds. Its waits are shorter by that time. */
export function withTimePassed(state: SavedHostState, passedMs: number): SavedHostState {
  const { asked, outage } = state;
  return {
    ...state,
    ...(asked === undefined ? {} : { asked: withShorterWait(asked, passedMs) }),
    ...(outage === undefined ? {} : { outage: withShorterWait(outage, passedMs) }),
  };
}

function withShorterWait<T extends { readonly waitMs: number }>(wait: T, passedMs: number): T {
  return { ...wait, waitMs: Math.max(0, wait.waitMs - passedMs) };
}
