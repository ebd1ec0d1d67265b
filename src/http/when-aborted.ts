/**
 * Lets many listeners share one signal. An EventTarget searches all of its listeners whenever one
 * is added or removed.
 */
type AbortListener = (reason: unknown) => void;

const listenersBySignal = new WeakMap<AbortSignal, Set<AbortListener>>();

/**
 * Calls `listener` with the signal's reason, immediately if it is already aborted.
 *
 * @returns a function that removes the listener.
 */
export function whenAborted(signal: AbortSignal, listener: AbortListener): () => void {
  if (signal.aborted) listener(signal.reason);
  const listeners = listenersBySignal.get(signal) ?? createListeners(signal);
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
}

function createListeners(signal: AbortSignal): Set<AbortListener> {
  const listeners = new Set<AbortListener>();
  listenersBySignal.set(signal, listeners);
  const onAbort = (): void => {
    for (const listener of listeners) listener(signal.reason);
  };
  signal.addEventListener('abort', onAbort, { once: true });
  return listeners;
}
