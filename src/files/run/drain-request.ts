/** Batches that are called back: they finish the images in flight and hand their place back, for a pause or another budget. */
import fs from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { writeFileAtomically } from '../write-file-atomically';
import { runPaths } from '../data-root';

/** In the plan, so that a new plan, whose batches are counted anew, has none. */
const NAME = 'recall.json';

const schema = z.object({ throughDispatch: z.number() });

interface RunOnDisk {
  readonly root: string;
  readonly runId: string;
}

/** **Idempotency** a recall that is older than the one that is there changes nothing. **Errors** StepError disk_*. */
export function recallBatches(run: RunOnDisk, throughDispatch: number): void {
  const content = `${JSON.stringify({ v: 1, throughDispatch })}\n`;
  if (recalledThrough(run) < throughDispatch)
    writeFileAtomically({ root: run.root, path: recallFile(run), content });
}

/** True for a batch that is to hand its place back. Cheap: asked about once a second. */
export function isRecalled(run: RunOnDisk, dispatch: number): boolean {
  return dispatch <= recalledThrough(run);
}

/** One that cannot be read counts as absent: a batch ends with its time box anyway. */
function recalledThrough(run: RunOnDisk): number {
  try {
    return schema.parse(JSON.parse(fs.readFileSync(recallFile(run), 'utf8'))).throughDispatch;
  } catch {
    return 0;
  }
}

function recallFile({ root, runId }: RunOnDisk): string {
  return path.join(runPaths(root, runId).plan, NAME);
}
