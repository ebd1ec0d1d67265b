/** Which files the step `features` does not compute again. */
import type { Select } from '../run-input';
import { PASSING_FEATURE_CODES } from './feature';

/**
 * SQL for the rows of `fact_feature` that settle their file for a version: its features, and a
 * failure that its bytes will always have, unless the run asks for what has failed.
 */
export function settledFeaturesSql(version: number, select: Select): string {
  const passing = PASSING_FEATURE_CODES.map((code) => `'${code}'`).join(', ');
  const outcome =
    select === 'pending'
      ? `(outcome = 'computed' OR code NOT IN (${passing}))`
      : "outcome = 'computed'";
  return `version = ${version} AND ${outcome}`;
}
