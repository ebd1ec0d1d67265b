/**
 * Connects to the first of several addresses that answers, with overlapping attempts (happy
 * eyeballs, RFC 8305).
 */
import net from 'node:net';
import { whenAborted } from '../when-aborted';

export interface DialOptions {
  /** In the order in which they are tried. */
  readonly addresses: readonly string[];
  readonly port: number;
  /** After which all attempts that are still under way are given up. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

export interface Dialled {
  readonly socket: net.Socket;
  readonly address: string;
  /** Addresses that failed, or had not answered though they were tried earlier. */
  readonly beaten: readonly string[];
}

/**
 * How one attempt failed: with a code of the system after so long, or (`TIMED_OUT`) by our own time
 * limit.
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

/** As undici sets it: as much as Node reads of a file at once. */
const READ_BYTES = 64 * 1_024;

/** Codes of this process's own lack of resources: no address is to blame. */
const OWN_FAILURES: ReadonlySet<string> = new Set(['EMFILE', 'ENFILE', 'ENOMEM', 'ENOBUFS']);

/**
 * Starts an attempt every 250 ms, and at once when the former one has failed. The first one that
 * connects wins; all others are closed.
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
  readonly #underWay = new Map<string, { readonly socket: net.Socket; readonly since: number }>();
  readonly #failed: FailedAttempt[] = [];
  #next = 0;
  #nextTimer: NodeJS.Timeout | undefined;
  #limitTimer: NodeJS.Timeout | undefined;
  #isOver = false;
  #forgetSignal = (): void => undefined;

  constructor(
    private readonly options: DialOptions,
    private readonly resolve: (dialled: Dialled) => void,
    private readonly reject: (error: unknown) => void,
  ) {}

  start(): void {
    const { signal, timeoutMs } = this.options;
    this.#limitTimer = setTimeout(() => {
      for (const address of [...this.#underWay.keys()]) this.#record(address, TIMED_OUT);
      this.#fail(new DialError(this.#failed));
    }, timeoutMs);
    this.#forgetSignal = whenAborted(signal, (reason) => {
      this.#fail(reason);
    });
    if (!this.#isOver) this.#tryNext();
  }

  #tryNext(): void {
    clearTimeout(this.#nextTimer);
    const address = this.options.addresses[this.#next];
    if (address === undefined) {
      if (this.#underWay.size === 0) this.#fail(new DialError(this.#failed));
      return;
    }
    this.#next += 1;
    this.#nextTimer = setTimeout(() => {
      this.#tryNext();
    }, NEXT_ATTEMPT_MS);
    this.#attempt(address);
  }

  #attempt(address: string): void {
    const target = { host: address, port: this.options.port, highWaterMark: READ_BYTES };
    const socket = net.connect(target);
    this.#underWay.set(address, { socket, since: performance.now() });
    socket.once('connect', () => {
      this.#win(address, socket);
    });
    // The listener stays: a closed attempt, or a connection on its way to undici, may still report
    // an error.
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (!this.#underWay.has(address)) return;
      const { code = 'UNKNOWN' } = error;
      if (OWN_FAILURES.has(code)) this.#fail(error);
      else {
        this.#record(address, code);
        this.#tryNext();
      }
    });
  }

  #record(address: string, code: string): void {
    const attempt = this.#underWay.get(address);
    if (attempt === undefined) return;
    this.#underWay.delete(address);
    attempt.socket.destroy();
    this.#failed.push({ address, code, elapsedMs: performance.now() - attempt.since });
  }

  #win(address: string, socket: net.Socket): void {
    if (this.#isOver) return;
    this.#underWay.delete(address);
    const beaten = [...this.#failed.map((one) => one.address), ...this.#underWay.keys()];
    this.#end();
    this.resolve({ socket, address, beaten });
  }

  #fail(reason: unknown): void {
    if (this.#isOver) return;
    this.#end();
    this.reject(reason);
  }

  #end(): void {
    this.#isOver = true;
    clearTimeout(this.#nextTimer);
    clearTimeout(this.#limitTimer);
    this.#forgetSignal();
    for (const { socket } of this.#underWay.values()) socket.destroy();
    this.#underWay.clear();
  }
}
