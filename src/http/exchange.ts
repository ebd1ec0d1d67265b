/**
 * Sends one request and receives its response through undici's `dispatch`. undici's `request`
 * creates a stream for every body, adds a listener to a signal for every request and enters an
 * async resource for every event, which for thumbnails costs more than the rest of the download.
 */
import type { Dispatcher } from 'undici';
import type { Deadline } from './deadline';
import type { SentListener } from './notifying-client';

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** A response whose status and headers have arrived. */
export interface Exchange {
  readonly statusCode: number;
  readonly headers: Headers;
  readonly body: ExchangeBody;
}

export interface ExchangeBody {
  /**
   * Passes each chunk to `onChunk` as it arrives and resolves at the end of the body. May be called
   * once.
   *
   * @throws the errors of `onChunk`, after closing the connection; the deadline's reason; undici's
   *   own errors.
   */
  read(onChunk: (chunk: Uint8Array) => void): Promise<void>;
  /** Stops reading from the connection until `resume` is called. */
  pause(): void;
  resume(): void;
  /** Closes the connection unless the body has ended. */
  destroy(): void;
}

/**
 * Resolves when the status and headers have arrived.
 *
 * @throws the deadline's reason; errors of undici and Node.
 */
export function exchange(
  dispatcher: Dispatcher,
  options: Dispatcher.DispatchOptions & { readonly opaque: SentListener },
  deadline: Deadline,
): Promise<Exchange> {
  return new Promise((resolve, reject) => {
    const handler = new ExchangeHandler(resolve, reject);
    deadline.onEnd((reason) => {
      handler.stop(reason);
    });
    dispatcher.dispatch(options, handler);
  });
}

class ExchangeHandler implements Dispatcher.DispatchHandler, ExchangeBody {
  #controller: Dispatcher.DispatchController | null = null;
  #onChunk: ((chunk: Uint8Array) => void) | null = null;
  /** Chunks that arrived before `read` was called: at most what the socket had read at once. */
  #unreadChunks: Uint8Array[] = [];
  #isEnded = false;
  #failure: { readonly reason: unknown } | null = null;
  #readPromise: { readonly resolve: () => void; readonly reject: (error: unknown) => void } | null =
    null;

  constructor(
    private readonly onHead: (head: Exchange) => void,
    private readonly onHeadFailed: (error: unknown) => void,
  ) {}

  read(onChunk: (chunk: Uint8Array) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#readPromise = { resolve, reject };
      this.#onChunk = onChunk;
      for (const chunk of this.#unreadChunks.splice(0)) this.#deliver(chunk);
      this.#settleRead();
    });
  }

  pause(): void {
    if (!this.#isEnded) this.#controller?.pause();
  }

  resume(): void {
    if (!this.#isEnded) this.#controller?.resume();
  }

  destroy(): void {
    this.stop(new Error('the body is not wanted'));
  }

  /** Fails the exchange with `reason` unless it has ended or failed already. */
  stop(reason: unknown): void {
    if (this.#isEnded) return;
    this.#fail(reason);
    this.#controller?.abort(reason instanceof Error ? reason : new Error(String(reason)));
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    // The exchange was stopped while the request waited for a connection.
    if (this.#failure !== null) controller.abort(new Error('stopped before it was sent'));
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    statusCode: number,
    headers: Headers,
  ): void {
    // Informational responses (1xx) precede the final one.
    if (statusCode >= 200) this.onHead({ statusCode, headers, body: this });
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#onChunk === null) this.#unreadChunks.push(chunk);
    else this.#deliver(chunk);
  }

  onResponseEnd(): void {
    this.#isEnded = true;
    this.#settleRead();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#fail(error);
  }

  #deliver(chunk: Uint8Array): void {
    if (this.#failure !== null) return;
    try {
      this.#onChunk?.(chunk);
    } catch (error) {
      // If the body has ended meanwhile, the connection is no longer this request's to close.
      this.#fail(error);
      if (!this.#isEnded) this.#controller?.abort(error as Error);
    }
  }

  #fail(reason: unknown): void {
    this.#failure ??= { reason };
    this.onHeadFailed(this.#failure.reason);
    this.#settleRead();
  }

  #settleRead(): void {
    if (this.#failure !== null) this.#readPromise?.reject(this.#failure.reason);
    else if (this.#isEnded) this.#readPromise?.resolve();
  }
}
