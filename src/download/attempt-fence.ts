/**
 * Decides whether an attempt may still send requests. Once the fence is closed, another attempt may
 * be working on the same batch, and the two together would exceed the budget of a host.
 */
import { SILENCE_CHECK_EVERY_MS, type AttemptTiming } from '../contract/batch-timing';
import { whenAborted } from '../http/when-aborted';

/** Why an attempt must end although it was not cancelled. */
export type FenceCode = 'server_silent' | 'attempt_superseded' | 'attempt_hung';

const MESSAGES: Readonly<Record<FenceCode, string>> = {
  server_silent:
    'Temporal has not answered about this activity for too long (the server cannot be reached, or this process was stopped): another attempt may be at work, so this one ends. What it downloaded is in its ledger.',
  attempt_superseded:
    'Temporal no longer knows this attempt of the activity: another attempt may be at work, or the workflow has ended.',
  attempt_hung:
    'No image made progress for longer than one may take, so the attempt ends and is retried from its ledger.',
};

export function isFenceCode(code: string | null): code is FenceCode {
  return code !== null && Object.hasOwn(MESSAGES, code);
}

/** The attempt must end. This does not count as a failure of the batch. */
export class AttemptFenced extends Error {
  override readonly name = 'AttemptFenced';

  constructor(readonly code: FenceCode) {
    super(MESSAGES[code]);
  }
}

/** The fence as a batch sees it. */
export interface AttemptFence {
  /**
   * Must be called before each request.
   *
   * @throws AttemptFenced when the attempt may have a successor.
   */
  assertOpen(): void;
  /**
   * When the fence closes unless it is extended, as a time of {@link monotonicMs}; 0 once it has
   * closed.
   */
  openUntilMs(): number;
}

/** The fence as its owner opens and closes it. */
export interface FenceControl extends AttemptFence {
  /** Aborted with the {@link AttemptFenced} when the fence closes. */
  readonly signal: AbortSignal;
  /** The attempt has no successor before this time of {@link monotonicMs}. */
  extend(untilMs: number): void;
  close(code: FenceCode): void;
  /** Stops the timer. The state of the fence does not change. */
  dispose(): void;
}

/**
 * The system's monotonic clock in milliseconds, which all processes of a machine share. It
 * continues while a process is stopped (SIGSTOP), and does not jump when the time of the machine is
 * set. On Linux it stands still while the whole machine sleeps. The first question after that finds
 * out whether there is a successor.
 */
export function monotonicMs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1_000 + nanoseconds / 1_000_000;
}

/**
 * Creates an open fence that closes at `openUntilMs` unless it is extended. Once closed it stays
 * closed. `whyExpired` returns the reason when the fence was not extended in time.
 */
export function createAttemptFence(
  openUntilMs: number,
  whyExpired: () => FenceCode = () => 'server_silent',
): FenceControl {
  const controller = new AbortController();
  let untilMs = openUntilMs;
  let closed: AttemptFenced | null = null;
  const close = (code: FenceCode): void => {
    if (closed !== null) return;
    closed = new AttemptFenced(code);
    controller.abort(closed);
  };
  const check = (): void => {
    if (monotonicMs() > untilMs) close(whyExpired());
  };
  const timer = setInterval(check, SILENCE_CHECK_EVERY_MS);
  timer.unref();
  return {
    signal: controller.signal,
    assertOpen: () => {
      check();
      if (closed !== null) throw closed;
    },
    openUntilMs: () => (closed === null ? untilMs : 0),
    extend: (until) => {
      untilMs = Math.max(untilMs, until);
    },
    close,
    dispose: () => {
      clearInterval(timer);
    },
  };
}

/** The server's answer about one attempt. */
export type OwnershipAnswer = 'ours' | 'superseded';

export interface OwnershipOptions extends AttemptTiming {
  /**
   * Asks the server about this attempt, by a heartbeat, which also restarts the server's timer.
   *
   * @throws any error when there is no answer in time.
   */
  readonly ask: () => Promise<OwnershipAnswer>;
  /**
   * Returns false when nothing has made progress for too long. The server is not asked then,
   * because a question would keep the attempt alive.
   */
  readonly isAlive: () => boolean;
  /** The activity's own cancellation. */
  readonly signal: AbortSignal;
}

/**
 * Runs `work` once the server has confirmed that the attempt is current, and aborts the signal
 * given to it when the fence closes.
 *
 * Without this confirmation, a task that was delivered late (to a stopped process, or over a slow
 * network) would run beside its successor.
 *
 * @throws AttemptFenced when the fence closed before `work` began; the reason of `signal`; what
 *   `work` throws.
 */
export async function withAttemptFence<T>(
  options: OwnershipOptions,
  work: (fence: AttemptFence, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const fence = createAttemptFence(monotonicMs() + options.silenceLimitMs, () =>
    options.isAlive() ? 'server_silent' : 'attempt_hung',
  );
  const signal = AbortSignal.any([options.signal, fence.signal]);
  const questions = askRepeatedly(options, fence);
  const timer = setInterval(questions.ask, options.retryMs);
  try {
    questions.ask();
    await waitForConfirmation(questions.confirmed, signal);
    return await work(fence, signal);
  } finally {
    clearInterval(timer);
    fence.dispose();
    // Heartbeats carry the attempt's details, so an earlier heartbeat must not arrive after the
    // last one.
    await questions.whenIdle();
  }
}

interface Questions {
  /** Sends a question if one is due and none is under way. */
  readonly ask: () => void;
  /** Resolves with the first answer that the attempt is current. */
  readonly confirmed: Promise<void>;
  /** Resolves when no question is under way. */
  readonly whenIdle: () => Promise<void>;
}

function askRepeatedly(options: OwnershipOptions, fence: FenceControl): Questions {
  let underWay: Promise<void> | null = null;
  let dueAtMs = 0;
  let confirm: () => void = () => undefined;
  const confirmed = new Promise<void>((resolve) => (confirm = resolve));
  const askOnce = async (): Promise<void> => {
    // The time of the question and not of the answer: the server restarts its timer some time after
    // this one.
    const sentAt = monotonicMs();
    try {
      if ((await options.ask()) === 'superseded') {
        fence.close('attempt_superseded');
        return;
      }
      fence.extend(sentAt + options.silenceLimitMs);
      dueAtMs = sentAt + options.questionEveryMs;
      confirm();
    } catch {
      // No answer arrived. If this continues, the fence closes when it expires.
    }
  };
  return {
    ask: () => {
      if (monotonicMs() < dueAtMs || fence.signal.aborted || !options.isAlive()) return;
      underWay ??= askOnce().finally(() => (underWay = null));
    },
    confirmed,
    whenIdle: async () => {
      await underWay;
    },
  };
}

async function waitForConfirmation(confirmed: Promise<void>, signal: AbortSignal): Promise<void> {
  let removeListener: () => void = () => undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    removeListener = whenAborted(signal, reject);
  });
  try {
    await Promise.race([confirmed, aborted]);
  } finally {
    removeListener();
  }
  signal.throwIfAborted();
}
