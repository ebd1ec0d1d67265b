/** Hashes many files on all cores. */
import os from 'node:os';
import { pool as createPool } from 'workerpool';
import { builtFile } from '../files/process/built-file';
import type { Hashed } from './hash-worker';

/** The number of files in one message to a thread. */
export const HASH_BATCH = 64;

export interface FileHasher {
  /** The number of batches that should be under way at once. */
  readonly atOnce: number;
  /**
   * Hashes files, given by their absolute paths, and returns the results in the same order. Never
   * throws for a file; see {@link Hashed}.
   */
  hash(files: readonly string[]): Promise<readonly Hashed[]>;
  close(): Promise<void>;
}

/**
 * Creates as many threads as there are cores. More threads would slow each other down: measured on
 * 2 cores, 2 threads hash 926 MB/s and 4 threads 582 MB/s.
 */
export function createFileHasher(): FileHasher {
  const threads = os.availableParallelism();
  const pool = createPool(builtFile('verify/hash-worker.js'), {
    maxWorkers: threads,
    workerType: 'thread',
  });
  return {
    atOnce: threads + 1,
    hash: async (files) => {
      const answer: unknown = await pool.exec('hashFiles', [files]);
      return answer as readonly Hashed[];
    },
    close: async () => {
      await pool.terminate();
    },
  };
}
