/** Ctrl-C and SIGTERM: the first one asks for an orderly end, and the second one ends at once. */
import { EXIT } from './exit-codes';

export interface Interrupts {
  readonly signal: AbortSignal;
  /** Stops listening, which restores the system's own behaviour. */
  dispose(): void;
}

/**
 * Calls `onFirst` once. A second signal ends the process with 130. Child processes are in groups of
 * their own.
 */
export function listenForInterrupts(onFirst: () => void): Interrupts {
  const controller = new AbortController();
  const handle = (): void => {
    if (controller.signal.aborted) process.exit(EXIT.interrupted);
    controller.abort(new Error('interrupted'));
    onFirst();
  };
  process.on('SIGINT', handle);
  process.on('SIGTERM', handle);
  return {
    signal: controller.signal,
    dispose: () => {
      process.off('SIGINT', handle);
      process.off('SIGTERM', handle);
    },
  };
}
