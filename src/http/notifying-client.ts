/**
 * An undici client that notifies a request's `opaque` when the request is written to its socket,
 * because a pool may queue requests, for example until a connection is open.
 */
import { Client, type Dispatcher } from 'undici';

/** The `opaque` of a request that wants to be notified. */
export interface SentListener {
  /**
   * Called when the request is written. `isFirst` is true when this connection has carried no
   * request before.
   */
  sent(isFirst: boolean): void;
}

/** One connection of a pool. */
export class NotifyingClient extends Client {
  private requestCount = 0;

  constructor(origin: URL, options: Client.Options) {
    super(origin, options);
    this.on('connect', () => {
      this.requestCount = 0;
    });
  }

  override dispatch(
    options: Dispatcher.DispatchOptions,
    handler: Dispatcher.DispatchHandler,
  ): boolean {
    const opaque: unknown = 'opaque' in options ? options.opaque : null;
    const notify = (): void => {
      this.requestCount += 1;
      if (isSentListener(opaque)) opaque.sent(this.requestCount === 1);
    };
    return super.dispatch(options, withStartListener(handler, notify));
  }
}

/**
 * Adds a call of `notify` when undici writes the request. undici's DecoratorHandler is unsuitable:
 * it asserts that headers arrive once, so a server that sends 103 before 200 would end the batch.
 */
function withStartListener(
  handler: Dispatcher.DispatchHandler,
  notify: () => void,
): Dispatcher.DispatchHandler {
  /* eslint-disable @typescript-eslint/no-deprecated -- the form that undici passes */
  const originalOnConnect = handler.onConnect?.bind(handler);
  handler.onConnect = (...args) => {
    notify();
    originalOnConnect?.(...args);
  };
  /* eslint-enable @typescript-eslint/no-deprecated */
  return handler;
}

function isSentListener(opaque: unknown): opaque is SentListener {
  return typeof opaque === 'object' && opaque !== null && 'sent' in opaque;
}
