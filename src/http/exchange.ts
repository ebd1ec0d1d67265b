/**
 * One request and its answer, on undici's `dispatch`. Its `request` makes a stream of every body, listens to a signal for every
 * request and enters an async resource with every event: for thumbnails that is more work than the rest of the download.
 */
import type { Dispatcher } from 'undici';
import type { Deadline } from './deadline';
import type { SentListener } from './tell-when-sent';

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** An answer whose head has come. */
export interface Exchange {
  readonly statusCode: number;
  readonly headers: Headers;
  readonly body: ExchangeBody;
}

export interface ExchangeBody {
  /**
   * Hands over the bytes as they come, until the body's end; once only.
   *
   * **Errors** what `take` throws, which closes the connection; the deadline's reason; undici's own.
   */
  read(take: (chunk: Uint8Array) => void): Promise<void>;
  /** Closes the connection unless the body has ended. */
  destroy(): void;
}

/** Resolves with the answer's head. **Errors** the deadline's reason; undici's and Node's own. */
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
  #take: ((chunk: Uint8Array) => void) | null = null;
  /** What came before somebody took it: at most what the socket had read. */
  #early: Uint8Array[] = [];
  #isEnded = false;
  #failure: { readonly reason: unknown } | null = null;
  #settle: { readonly resolve: () => void; readonly reject: (error: unknown) => void } | null =
    null;

  constructor(
    private readonly onHead: (head: Exchange) => void,
    private readonly onHeadFailed: (error: unknown) => void,
  ) {}

  read(take: (chunk: Uint8Array) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
      this.#take = take;
      for (const chunk of this.#early.splice(0)) this.#pass(chunk);
      this.#tell();
    });
  }

  destroy(): void {
    this.stop(new Error('the body is not wanted'));
  }

  /** The first failure is the one that is told. */
  stop(reason: unknown): void {
    if (this.#isEnded) return;
    this.#fail(reason);
    this.#controller?.abort(reason instanceof Error ? reason : new Error(String(reason)));
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    // Stopped while it waited for a connection.
    if (this.#failure !== null) controller.abort(new Error('stopped before it was sent'));
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    statusCode: number,
    headers: Headers,
  ): void {
    // Informational answers come before the one that counts.
    if (statusCode >= 200) this.onHead({ statusCode, headers, body: this });
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#take === null) this.#early.push(chunk);
    else this.#pass(chunk);
  }

  onResponseEnd(): void {
    this.#isEnded = true;
    this.#tell();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#fail(error);
  }

  #pass(chunk: Uint8Array): void {
    if (this.#failure !== null) return;
    try {
      this.#take?.(chunk);
    } catch (error) {
      // The body may have ended meanwhile: then there is no connection to close.
      this.#fail(error);
      if (!this.#isEnded) this.#controller?.abort(error as Error);
    }
  }

  #fail(reason: unknown): void {
    this.#failure ??= { reason };
    this.onHeadFailed(this.#failure.reason);
    this.#tell();
  }

  #tell(): void {
    if (this.#failure !== null) this.#settle?.reject(this.#failure.reason);
    else if (this.#isEnded) this.#settle?.resolve();
  }
}
