/** The process that makes previews: receives batches of files from its parent and ends with it. */
import os from 'node:os';
import { worker } from 'workerpool';
import { hardenDecoder } from '../decode-image';
import { makePreview } from './make-preview';
import type { MadePreview, PreviewRequest } from './preview-pool';

hardenDecoder();
os.setPriority(os.constants.priority.PRIORITY_BELOW_NORMAL);

async function makePreviews(requests: readonly PreviewRequest[]): Promise<readonly MadePreview[]> {
  const made: MadePreview[] = [];
  // One after another: the process has memory for one image.
  for (const request of requests) made.push(await makePreview(request));
  return made;
}

worker({ makePreviews });
