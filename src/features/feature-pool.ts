/**
 * A pool of feature processes, which are limited as decoder processes are: what decodes untrusted
 * bytes has no secrets, little memory, and its end affects one file.
 */
import type { FeatureResult } from '../contract/features/feature';
import { builtFile } from '../files/process/built-file';
import { createLimitedPool, type LimitedPool } from '../images/limited-pool';
import type { FeatureRequest } from './file-features';

export type FeaturePool = LimitedPool<FeatureRequest, FeatureResult>;

/** `timeoutMs` is the time limit for one file. */
export function createFeaturePool(options: {
  readonly processes: number;
  readonly timeoutMs: number;
}): FeaturePool {
  return createLimitedPool({
    ...options,
    program: builtFile('features/feature-process.js'),
    method: 'computeBatch',
    failed: (code, detail) => ({ outcome: 'failed', code, detail }),
  });
}
