/** A pool of decoder processes, which check whether images are whole. */
import { builtFile } from '../files/process/built-file';
import { failedCheck, type DecodeRequest, type ImageCheck } from './image-check';
import { createLimitedPool } from './limited-pool';

export interface DecoderPool {
  decode(request: DecodeRequest): Promise<ImageCheck>;
  close(): Promise<void>;
}

/**
 * Creates a pool. `timeoutMs` is the time limit for one image. `decode` never rejects:
 * `decoder_crash` and `decoder_timeout` are results.
 */
export function createDecoderPool(options: {
  readonly processes: number;
  readonly timeoutMs: number;
}): DecoderPool {
  const pool = createLimitedPool<DecodeRequest, ImageCheck>({
    ...options,
    program: builtFile('images/decoder-process.js'),
    method: 'decodeImages',
    failed: failedCheck,
  });
  return { decode: (request) => pool.run(request), close: () => pool.close() };
}
