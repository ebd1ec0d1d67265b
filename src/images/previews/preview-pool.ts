/**
 * A pool of processes that make small pictures of stored files. They are limited as decoder
 * processes are, because the files come from strangers.
 */
import { builtFile } from '../../files/process/built-file';
import { createLimitedPool, type LimitedPool } from '../limited-pool';

export interface PreviewRequest {
  /** The absolute path of the stored file. */
  readonly file: string;
  /** The absolute path of the WebP file to make, which must not exist. */
  readonly target: string;
  /** The longest side of the preview, in pixels. A smaller image keeps its size. */
  readonly side: number;
}

export interface MadePreview {
  readonly bytes: number;
  /** Why there is no preview; null when there is one. */
  readonly problem: string | null;
}

export type PreviewPool = LimitedPool<PreviewRequest, MadePreview>;

/** `timeoutMs` is the time limit for one file. */
export function createPreviewPool(options: {
  readonly processes: number;
  readonly timeoutMs: number;
}): PreviewPool {
  return createLimitedPool({
    ...options,
    program: builtFile('images/previews/preview-process.js'),
    method: 'makePreviews',
    failed: (_code, detail) => ({ bytes: 0, problem: detail }),
  });
}
