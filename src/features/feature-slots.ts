/** How many batches of features a worker has under way, each with a process of its own. */
import os from 'node:os';

/** One core is left for everything else. */
export const FEATURE_SLOTS = Math.max(1, os.availableParallelism() - 1);
