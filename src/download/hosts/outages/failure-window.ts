/** A stretch of failures whose cause is being found out: one image's own, or its host's (or the network's) outage. */

export interface FailureWindow {
  /** `own`: the failed attempts count for their images. `outage`: they do not. */
  verdict: 'open' | 'outage' | 'own';
  /** A probe is on its way that will decide. */
  isUndecided(): boolean;
}

/** `isProbing`: whether the cause is being found out at present. */
export function createFailureWindow(isProbing: () => boolean): FailureWindow {
  const window: FailureWindow = {
    verdict: 'open',
    isUndecided: () => window.verdict === 'open' && isProbing(),
  };
  return window;
}
