/**
 * Notes of attempts that are in progress. A note that remains shows that its process ended without
 * cleaning up.
 */
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { runPaths } from '../data-root';
import { onDisk } from '../disk-errors';

/**
 * The note of one attempt of a batch: the empty file
 * `runs/<runId>/executions/<lane>/<dispatch>.<random>`. `prune` deletes the folder when the run has
 * ended.
 */
export interface ExecutionNote {
  /** Number of earlier attempts of the same batch whose process died, for whatever reason. */
  readonly deathCount: number;
  /** True if an isolated process of this lane died. The lane's batches then stay isolated. */
  readonly isIsolated: boolean;
  stayIsolated(): void;
  /** Called when the attempt ends with any result. */
  remove(): void;
  /** Called when the batch is complete. Its earlier attempts no longer matter. */
  removeAllOfBatch(): void;
}

/** Name of the file which marks a lane whose batches run in processes of their own. */
const ISOLATED_MARK = 'apart';

/**
 * Creates the note of an attempt. It is not synced: a file outlives the process that wrote it, and
 * a crash of the machine is no evidence about an image.
 *
 * @throws StepError disk_*.
 */
export function noteExecution(options: {
  readonly root: string;
  readonly runId: string;
  readonly lane: string;
  readonly dispatch: number;
}): ExecutionNote {
  const folder = path.join(runPaths(options.root, options.runId).executions, options.lane);
  const ownName = `${options.dispatch}.${randomBytes(8).toString('hex')}`;
  const earlierNames = onDisk('note an execution', () => {
    fs.mkdirSync(folder, { recursive: true });
    const names = fs.readdirSync(folder);
    fs.writeFileSync(path.join(folder, ownName), '', { flag: 'wx' });
    return names;
  });
  const remove = (name: string): void => {
    fs.rmSync(path.join(folder, name), { force: true });
  };
  return {
    deathCount: earlierNames.filter((name) => name.startsWith(`${options.dispatch}.`)).length,
    isIsolated: earlierNames.includes(ISOLATED_MARK),
    stayIsolated: () => {
      onDisk('note an execution', () => {
        fs.writeFileSync(path.join(folder, ISOLATED_MARK), '');
      });
    },
    remove: () => {
      remove(ownName);
    },
    removeAllOfBatch: () => {
      for (const name of earlierNames) if (name !== ISOLATED_MARK) remove(name);
      remove(ownName);
    },
  };
}
