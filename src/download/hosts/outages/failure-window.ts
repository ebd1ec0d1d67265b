/**
 * A series of failures whose cause is still being determined: the images themselves, or an outage
 * of their host or the network.
 */

export interface FailureWindow {
  /** `own`: the failed attempts count for their images. `outage`: they do not count. */
  verdict: 'open' | 'outage' | 'own';
  /** A probe is under way that will decide. */
  isUndecided(): boolean;
}

/** `isProbing` returns whether the cause is being determined at present. */
export function createFailureWindow(isProbing: () => boolean): FailureWindow {
  const window: FailureWindow = {
    verdict: 'open',
    isUndecided: () => window.verdict === 'open' && isProbing(),
  };
  return window;
}
