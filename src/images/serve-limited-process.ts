/** What the processes of a limited pool do: they work on images, and end with their parent. */
import { worker } from 'workerpool';
import { hardenDecoder } from './decode-image';

/**
 * Hardens the decoder, then answers the batches of the pool.
 *
 * @param method the name of the function that the pool calls (`LimitedPoolOptions.method`).
 * @param work the work on one image, which takes a request of the pool and returns its result. It
 *   never throws: what became of the image is a result.
 */
export function serveLimitedProcess(
  method: string,
  work: (request: never) => Promise<unknown>,
): void {
  hardenDecoder();
  const workOnBatch = async (requests: readonly never[]): Promise<readonly unknown[]> => {
    const results: unknown[] = [];
    // One after another, because the process has one decoder thread and memory for one image.
    for (const request of requests) results.push(await work(request));
    return results;
  };
  worker({ [method]: workOnBatch });
}
