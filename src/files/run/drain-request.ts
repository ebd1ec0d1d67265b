/**
 * Asks batches to drain: they finish the images in flight and return their place in the lane, for a
 * pause or another budget.
 */
import fs from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { writeFileAtomically } from '../write-file-atomically';
import { runPaths } from '../data-root';

/**
 * The file belongs to the plan. A new plan numbers its batches from the start and must not inherit
 * the request.
 */
const DRAIN_FILE = 'recall.json';

const schema = z.object({ throughDispatch: z.number() });

interface RunOnDisk {
  readonly root: string;
  readonly runId: string;
}

/**
 * Asks all batches up to `throughDispatch` to drain. A request that reaches less far than the
 * current one changes nothing.
 *
 * @throws StepError disk_*.
 */
export function requestDrain(run: RunOnDisk, throughDispatch: number): void {
  const content = `${JSON.stringify({ v: 1, throughDispatch })}\n`;
  if (drainThroughDispatch(run) < throughDispatch)
    writeFileAtomically({ root: run.root, path: drainFile(run), content });
}

/** Whether a batch must drain. Cheap enough to be called once a second. */
export function mustDrain(run: RunOnDisk, dispatch: number): boolean {
  return dispatch <= drainThroughDispatch(run);
}

/** A request that cannot be read counts as absent: a batch ends with its time box anyway. */
function drainThroughDispatch(run: RunOnDisk): number {
  try {
    return schema.parse(JSON.parse(fs.readFileSync(drainFile(run), 'utf8'))).throughDispatch;
  } catch {
    return 0;
  }
}

function drainFile({ root, runId }: RunOnDisk): string {
  return path.join(runPaths(root, runId).plan, DRAIN_FILE);
}
