/** The feature process: receives batches of files from its parent and ends with it. */
import os from 'node:os';
import { serveLimitedProcess } from '../images/serve-limited-process';
import { fileFeatures, type FeatureRequest } from './file-features';

// Downloads, commits and readers go first: features can wait.
os.setPriority(os.constants.priority.PRIORITY_LOW);
// The package is an ES module, which only import() loads in every version of Node that works here.
const thumbHash = import('thumbhash');

serveLimitedProcess('computeBatch', async (request: FeatureRequest) =>
  fileFeatures(request, (await thumbHash).rgbaToThumbHash),
);
