/** Notes of executions that are under way. One that is left behind tells that its process died without a word. */
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { runPaths } from '../data-root';
import { onDisk } from '../disk-errors';

/** One execution's note: the file `runs/<runId>/executions/<lane>/<dispatch>.<random>`, which holds nothing. `prune` takes the folder when the run has ended. */
export interface ExecutionNote {
  /** How many executions of the same batch came to no end, whoever killed them. */
  readonly died: number;
  /** A process of its own died in this lane: its batches stay apart. */
  readonly isApart: boolean;
  stayApart(): void;
  /** The execution ends, in whatever words. */
  remove(): void;
  /** The batch is done: what came of its executions is of no interest any more. */
  forgetBatch(): void;
}

/** The lane's batches run in processes of their own from now on. */
const APART = 'apart';

/**
 * Begins a note. Not synced: what a process wrote outlives the process, and a machine that goes down says nothing about an image.
 *
 * **Errors** StepError disk_*.
 */
export function noteExecution(options: {
  readonly root: string;
  readonly runId: string;
  readonly lane: string;
  readonly dispatch: number;
}): ExecutionNote {
  const folder = path.join(runPaths(options.root, options.runId).executions, options.lane);
  const own = `${options.dispatch}.${randomBytes(8).toString('hex')}`;
  const before = onDisk('note an execution', () => {
    fs.mkdirSync(folder, { recursive: true });
    const names = fs.readdirSync(folder);
    fs.writeFileSync(path.join(folder, own), '', { flag: 'wx' });
    return names;
  });
  const remove = (name: string): void => {
    fs.rmSync(path.join(folder, name), { force: true });
  };
  return {
    died: before.filter((name) => name.startsWith(`${options.dispatch}.`)).length,
    isApart: before.includes(APART),
    stayApart: () => {
      onDisk('note an execution', () => {
        fs.writeFileSync(path.join(folder, APART), '');
      });
    },
    remove: () => {
      remove(own);
    },
    forgetBatch: () => {
      for (const name of before) if (name !== APART) remove(name);
      remove(own);
    },
  };
}
