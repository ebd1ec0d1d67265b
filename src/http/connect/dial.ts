/**
 * Connects to the first of several addresses that answers, with overlapping attempts (happy
 * eyeballs, RFC 8305).
 */
import net from 'node:net';
import { whenAborted } from '../when-aborted';
import { errorCode } from '../../files/error-code';

export interface DialOptions {
  /** Addresses in the order in which they are tried. */
  readonly addresses: readonly string[];
  readonly port: number;
  /** After this time, all attempts that are still in progress fail. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

export interface Dialled {
  readonly socket: net.Socket;
  readonly address: string;
  /** Addresses that failed, or were tried earlier and had not answered. */
  readonly beaten: readonly string[];
}

/**
 * A failed attempt: `code` is an error code of the system, or {@link TIMED_OUT} if the time limit
 * passed.
 */
export interface FailedAttempt {
  readonly address: string;
  readonly code: string;
  readonly elapsedMs: number;
}

export const TIMED_OUT = 'TIMED_OUT';

/** Every attempt failed. */
export class DialError extends Error {
  override readonly name = 'DialError';

  constructor(readonly attempts: readonly FailedAttempt[]) {
    super('no address accepted a connection');
  }
}

/** @see RFC 8305, section 5: the recommended delay between attempts. */
const NEXT_ATTEMPT_MS = 250;

/** The value that undici uses, which is also how much Node reads from a file at once. */
const READ_BYTES = 64 * 1_024;

/** Codes that mean that this process lacks resources, not that an address failed. */
const OWN_FAILURE_CODES: ReadonlySet<string> = new Set(['EMFILE', 'ENFILE', 'ENOMEM', 'ENOBUFS']);

/** Whether an error of a connection says that this process lacks resources. */
export function isOwnFailure(error: unknown): boolean {
  return OWN_FAILURE_CODES.has(errorCode(error) ?? '');
}

/**
 * Starts an attempt every 250 ms, and immediately when the previous one has failed. The first
 * attempt that connects is returned; all others are closed.
 *
 * @throws {@link DialError}; the system's own error when this process lacks resources; the signal's
 * reason.
 */
export function dial(options: DialOptions): Promise<Dialled> {
  return new Promise((resolve, reject) => {
    new Dial(options, resolve, reject).start();
  });
}

class Dial {
  readonly #openAttempts = new Map<
    string,
    { readonly socket: net.Socket; readonly startedAt: number }
  >();
  readonly #failedAttempts: FailedAttempt[] = [];
  #nextIndex = 0;
  #nextTimer: NodeJS.Timeout | undefined;
  #limitTimer: NodeJS.Timeout | undefined;
  #isSettled = false;
  #stopListening = (): void => undefined;

  constructor(
    private readonly options: DialOptions,
    private readonly resolve: (dialled: Dialled) => void,
    private readonly reject: (error: unknown) => void,
  ) {}

  start(): void {
    const { signal, timeoutMs } = this.options;
    this.#limitTimer = setTimeout(() => {
      for (const address of [...this.#openAttempts.keys()]) this.#recordFailure(address, TIMED_OUT);
      this.#fail(new DialError(this.#failedAttempts));
    }, timeoutMs);
    this.#stopListening = whenAborted(signal, (reason) => {
      this.#fail(reason);
    });
    if (!this.#isSettled) this.#tryNext();
  }

  #tryNext(): void {
    clearTimeout(this.#nextTimer);
    const address = this.options.addresses[this.#nextIndex];
    if (address === undefined) {
      if (this.#openAttempts.size === 0) this.#fail(new DialError(this.#failedAttempts));
      return;
    }
    this.#nextIndex += 1;
    this.#nextTimer = setTimeout(() => {
      this.#tryNext();
    }, NEXT_ATTEMPT_MS);
    this.#attempt(address);
  }

  #attempt(address: string): void {
    const target = { host: address, port: this.options.port, highWaterMark: READ_BYTES };
    const socket = net.connect(target);
    this.#openAttempts.set(address, { socket, startedAt: performance.now() });
    socket.once('connect', () => {
      this.#succeed(address, socket);
    });
    // The listener stays, because a closed attempt or a connection that is passed to undici may
    // still report an error.
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (!this.#openAttempts.has(address)) return;
      const { code = 'UNKNOWN' } = error;
      if (isOwnFailure(error)) this.#fail(error);
      else {
        this.#recordFailure(address, code);
        this.#tryNext();
      }
    });
  }

  #recordFailure(address: string, code: string): void {
    const attempt = this.#openAttempts.get(address);
    if (attempt === undefined) return;
    this.#openAttempts.delete(address);
    attempt.socket.destroy();
    this.#failedAttempts.push({ address, code, elapsedMs: performance.now() - attempt.startedAt });
  }

  #succeed(address: string, socket: net.Socket): void {
    if (this.#isSettled) return;
    this.#openAttempts.delete(address);
    const beaten = [
      ...this.#failedAttempts.map((one) => one.address),
      ...this.#openAttempts.keys(),
    ];
    this.#stop();
    this.resolve({ socket, address, beaten });
  }

  #fail(reason: unknown): void {
    if (this.#isSettled) return;
    this.#stop();
    this.reject(reason);
  }

  #stop(): void {
    this.#isSettled = true;
    clearTimeout(this.#nextTimer);
    clearTimeout(this.#limitTimer);
    this.#stopListening();
    for (const { socket } of this.#openAttempts.values()) socket.destroy();
    this.#openAttempts.clear();
  }
}
