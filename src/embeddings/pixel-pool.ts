/**
 * A pool of processes that decode stored files for a model. They are limited as decoder processes
 * are, and the model is in another process: what decodes untrusted bytes affects one file.
 */
import type { FeatureCode } from '../contract/features/feature';
import { builtFile } from '../files/process/built-file';
import { createLimitedPool, type LimitedPool } from '../images/limited-pool';
import type { ModelSettings } from './model-settings';

export interface PixelRequest extends Pick<ModelSettings, 'width' | 'height' | 'fit'> {
  /** Absolute paths where a file with these bytes was stored: the first that has them is used. */
  readonly paths: readonly string[];
  readonly sha256: string;
  /** The largest number of pixels that is accepted. */
  readonly pixels: number;
}

/** Red, green and blue of each pixel, row by row, in base64: the messages of the pool are JSON. */
export type PixelResult =
  | { readonly ok: true; readonly rgb: string }
  | { readonly ok: false; readonly code: FeatureCode; readonly detail: string };

export type PixelPool = LimitedPool<PixelRequest, PixelResult>;

/** The time limit for one file, as for features. In milliseconds. */
const TIMEOUT_MS = 20_000;

export function createPixelPool(): PixelPool {
  return createLimitedPool({
    // Decoding is quick beside the model.
    processes: 1,
    timeoutMs: TIMEOUT_MS,
    program: builtFile('embeddings/pixel-process.js'),
    method: 'decodeBatch',
    failed: (code, detail) => ({ ok: false, code, detail }),
  });
}
