/** The features of a run as its entry of `status` has them. */
import type { FeatureProgress } from '../../contract/features/feature-workflow';
import type { FeaturesEntry } from '../../contract/run-record';

export function featuresEntry(progress: FeatureProgress): FeaturesEntry {
  const { planned, computed, failed, ratePerSecond, secondsLeft } = progress;
  return { planned, computed, failed, ratePerSecond, secondsLeft };
}
