/** Many that wait for one signal: an EventTarget looks through all its listeners whenever one comes or goes. */
type Tell = (reason: unknown) => void;

const waiting = new WeakMap<AbortSignal, Set<Tell>>();

/** Calls `tell` with the signal's reason, at once when it is aborted already. Returns what takes it back. */
export function whenAborted(signal: AbortSignal, tell: Tell): () => void {
  if (signal.aborted) tell(signal.reason);
  const all = waiting.get(signal) ?? listenTo(signal);
  all.add(tell);
  return () => {
    all.delete(tell);
  };
}

function listenTo(signal: AbortSignal): Set<Tell> {
  const all = new Set<Tell>();
  waiting.set(signal, all);
  const onAbort = (): void => {
    for (const tell of all) tell(signal.reason);
  };
  signal.addEventListener('abort', onAbort, { once: true });
  return all;
}
