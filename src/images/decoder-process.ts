/** The decoder process: receives batches of images from its parent and ends with it. */
import { worker } from 'workerpool';
import { decodeImage, hardenDecoder } from './decode-image';
import type { DecodeRequest, ImageCheck } from './image-check';

hardenDecoder();

async function decodeImages(requests: readonly DecodeRequest[]): Promise<readonly ImageCheck[]> {
  const checks: ImageCheck[] = [];
  // Images are decoded one after another, because the process has one decoder thread and memory for
  // one image.
  for (const request of requests) checks.push(await decodeImage(request));
  return checks;
}

worker({ decodeImages });
