/** Tells a request's `opaque` when it is written to its socket: a pool may make it wait, for a connection first of all. */
import { Client, type Dispatcher } from 'undici';

/** Goes along with a request as its `opaque`. */
export interface SentListener {
  /** `isFirst`: nothing was asked over this connection before. */
  sent(isFirst: boolean): void;
}

/** One connection of a pool. */
export class TellingClient extends Client {
  private asked = 0;

  constructor(origin: URL, options: Client.Options) {
    super(origin, options);
    this.on('connect', () => {
      this.asked = 0;
    });
  }

  override dispatch(
    options: Dispatcher.DispatchOptions,
    handler: Dispatcher.DispatchHandler,
  ): boolean {
    const opaque: unknown = 'opaque' in options ? options.opaque : null;
    const tell = (): void => {
      this.asked += 1;
      if (isListener(opaque)) opaque.sent(this.asked === 1);
    };
    return super.dispatch(options, tellingAtStart(handler, tell));
  }
}

/**
 * undici calls it as it writes the request. Not its DecoratorHandler: that takes a second head for a mistake of ours when a
 * server sends 103 before 200, and its assertion would end the batch.
 */
function tellingAtStart(
  handler: Dispatcher.DispatchHandler,
  tell: () => void,
): Dispatcher.DispatchHandler {
  /* eslint-disable @typescript-eslint/no-deprecated -- a client is given handlers of this form */
  const start = handler.onConnect?.bind(handler);
  handler.onConnect = (...started) => {
    tell();
    start?.(...started);
  };
  /* eslint-enable @typescript-eslint/no-deprecated */
  return handler;
}

function isListener(opaque: unknown): opaque is SentListener {
  return typeof opaque === 'object' && opaque !== null && 'sent' in opaque;
}
