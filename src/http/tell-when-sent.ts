/** Tells a request's `opaque` when it is written to its socket: a pool may make it wait, for a connection first of all. */
import { DecoratorHandler, type Dispatcher } from 'undici';

type Start = NonNullable<Dispatcher.DispatchHandler['onRequestStart']>;

class SentTeller extends DecoratorHandler {
  constructor(
    private readonly inner: Dispatcher.DispatchHandler,
    private readonly opaque: unknown,
  ) {
    super(inner);
  }

  onRequestStart(...start: Parameters<Start>): void {
    if (isTold(this.opaque)) this.opaque.sent();
    this.inner.onRequestStart?.(...start);
  }
}

/** An interceptor for undici's `compose`. */
export const tellWhenSent: Dispatcher.DispatcherComposeInterceptor =
  (dispatch) => (options, handler) =>
    dispatch(options, new SentTeller(handler, 'opaque' in options ? options.opaque : null));

function isTold(opaque: unknown): opaque is { sent(): void } {
  return typeof opaque === 'object' && opaque !== null && 'sent' in opaque;
}
