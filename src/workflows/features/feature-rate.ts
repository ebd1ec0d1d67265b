/** How quickly files get features, and how long the rest will take. */

/**
 * Files after which the measured rate replaces the estimate of the plan. The first files of a run
 * also wait for processes to start, and on a busy machine one of them may take many seconds.
 */
const FEWEST_RATED = 32;

/** What is known of the files that this execution of the workflow has to compute. */
export interface FeatureWork {
  /** Files that are not done. */
  readonly left: number;
  /** Files that were done since computing began. */
  readonly done: number;
  readonly workedMs: number;
  /** The rate from before these files, in files a second; 0: unknown. */
  readonly formerRate: number;
  /** An estimate of the time for all files, done and left, in seconds; null: unknown. */
  readonly expectedSeconds: number | null;
}

/** Files a second; 0: unknown. */
export function featureRate({ done, workedMs, formerRate, expectedSeconds }: FeatureWork): number {
  const isOtherKnown = formerRate > 0 || expectedSeconds !== null;
  const isEnough = done >= (isOtherKnown ? FEWEST_RATED : 1);
  return isEnough && workedMs > 0 ? done / (workedMs / 1_000) : formerRate;
}

/** The time for the files that are left, in seconds; null: unknown. */
export function featureSecondsLeft(work: FeatureWork): number | null {
  const rate = featureRate(work);
  if (rate > 0) return Math.ceil(work.left / rate);
  const { left, done, expectedSeconds } = work;
  if (expectedSeconds === null || left + done === 0) return expectedSeconds;
  return Math.ceil((expectedSeconds * left) / (left + done));
}
