/**
 * Decides whether an attempt may still send requests. Once the fence is closed, another attempt may be at work on the
 * same batch, and the two together would exceed the budget of a host.
 */
import { SILENCE_CHECK_EVERY_MS, type AttemptTiming } from '../contract/batch-timing';
import { whenAborted } from '../http/when-aborted';

/** Why an attempt has to end although nobody cancelled it. */
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

/** The attempt must end. It is no failure of the batch, and does not count as one. */
export class AttemptFenced extends Error {
  override readonly name = 'AttemptFenced';

  constructor(readonly code: FenceCode) {
    super(MESSAGES[code]);
  }
}

/** What a batch sees of it. */
export interface AttemptFence {
  /**
   * Call it before each request.
   *
   * @throws AttemptFenced when the attempt may have a successor.
   */
  assertOpen(): void;
  /** On the clock of {@link monotonicMs}: when the fence closes unless it is extended; 0 once it has closed. */
  openUntilMs(): number;
}

/** What opens and closes it. */
export interface FenceControl extends AttemptFence {
  /** Aborted with the {@link AttemptFenced} when the fence closes. */
  readonly signal: AbortSignal;
  /** The attempt has no successor before this moment on the clock of {@link monotonicMs}. */
  extend(untilMs: number): void;
  close(code: FenceCode): void;
  /** Stops the timer; the fence itself stays as it is. */
  dispose(): void;
}

/**
 * The system's monotonic clock, which all processes of a machine share. It goes on while a process is stopped (SIGSTOP), and
 * does not jump when the time of the machine is set. On Linux it stands still while the whole machine sleeps: the first question
 * after that finds out whether there is a successor. **Units** ms.
 */
export function monotonicMs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1_000 + nanoseconds / 1_000_000;
}

/**
 * An open fence that closes at `openUntilMs` unless it is extended. Once closed it stays closed. `whyExpired` names the reason
 * when nothing extended it in time.
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
   * Asks the server about this very attempt, by a heartbeat, which restarts the server's timer.
   *
   * @throws any error when there is no answer in time.
   */
  readonly ask: () => Promise<OwnershipAnswer>;
  /** False when nothing has moved for too long. The server is not asked then: a question would keep the attempt alive. */
  readonly isAlive: () => boolean;
  /** The activity's own cancellation. */
  readonly signal: AbortSignal;
}

/**
 * Runs `work` once the server has confirmed that the attempt is ours, and aborts the signal given to it when the fence closes.
 *
 * Without the confirmation at the beginning, a task that was delivered late (a stopped process, a slow network) would be
 * worked on beside its successor.
 *
 * @throws AttemptFenced when the fence closed before `work` began; the reason of `signal`; what `work` throws.
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
    await confirmation(questions.confirmed, signal);
    return await work(fence, signal);
  } finally {
    clearInterval(timer);
    fence.dispose();
    // Heartbeats carry the attempt's details: an earlier one must not overtake the last one.
    await questions.settled();
  }
}

interface Questions {
  /** Sends a question if one is due and none is under way. */
  readonly ask: () => void;
  /** Resolves with the first answer that the attempt is ours. */
  readonly confirmed: Promise<void>;
  /** Resolves when no question is under way. */
  readonly settled: () => Promise<void>;
}

function askRepeatedly(options: OwnershipOptions, fence: FenceControl): Questions {
  let underWay: Promise<void> | null = null;
  let dueAtMs = 0;
  let confirm: () => void = () => undefined;
  const confirmed = new Promise<void>((resolve) => (confirm = resolve));
  const askOnce = async (): Promise<void> => {
    // Not the moment of the answer: the server restarts its timer at some moment after this one.
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
      // Silence: the fence closes by itself when it lasts.
    }
  };
  return {
    ask: () => {
      if (monotonicMs() < dueAtMs || fence.signal.aborted || !options.isAlive()) return;
      underWay ??= askOnce().finally(() => (underWay = null));
    },
    confirmed,
    settled: async () => {
      await underWay;
    },
  };
}

async function confirmation(confirmed: Promise<void>, signal: AbortSignal): Promise<void> {
  let forget: () => void = () => undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    forget = whenAborted(signal, reject);
  });
  try {
    await Promise.race([confirmed, aborted]);
  } finally {
    forget();
  }
  signal.throwIfAborted();
}
