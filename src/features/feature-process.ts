/** The feature process: receives batches of files from its parent and ends with it. */
import os from 'node:os';
import { worker } from 'workerpool';
import type { FeatureResult } from '../contract/features/feature';
import { hardenDecoder } from '../images/decode-image';
import { fileFeatures, type FeatureRequest } from './file-features';

hardenDecoder();
// Downloads, commits and readers go first: features can wait.
os.setPriority(os.constants.priority.PRIORITY_LOW);
// The package is an ES module, which only import() loads in every version of Node that works here.
const thumbHash = import('thumbhash');

async function computeBatch(
  requests: readonly FeatureRequest[],
): Promise<readonly FeatureResult[]> {
  const { rgbaToThumbHash } = await thumbHash;
  const results: FeatureResult[] = [];
  // One after another: the process has memory for one image.
  for (const request of requests) results.push(await fileFeatures(request, rgbaToThumbHash));
  return results;
}

worker({ computeBatch });
