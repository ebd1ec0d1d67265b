/**
 * Runs that Temporal has closed and that have no end on disk: terminated, timed out, or of a server that is gone. Nobody of theirs
 * is left to say so; without a look at Temporal a parked one would be shown as parked for ever.
 */
import fs from 'node:fs';
import type { Client } from '@temporalio/client';
import type { Logger } from 'pino';
import { downloadWorkflowId } from '../contract/operator';
import type { ProgressFile } from '../contract/run-record';
import { runPaths } from '../files/data-root';
import { listRunIds, readRun, writeProgress } from '../files/run/run-records';
import { describeIfKnown } from '../server/describe-workflow';
import { runUnderWay } from '../server/run-under-way';

/** **Units** ms. Between two looks; a server that is there answers in a fraction of the second. */
const LOOK_MS = 15_000;
const PATIENCE_MS = 5_000;

/** Looks now and then, until it is ended. What goes wrong is logged: the next look may do better. */
export function watchCutOffRuns(options: {
  readonly root: string;
  readonly client: Client;
  readonly log: Logger;
}): () => Promise<void> {
  const { root, client, log } = options;
  let looking = Promise.resolve();
  const look = async (): Promise<void> => {
    try {
      for (const runId of await markCutOffRuns(root, client))
        log.warn({ run: runId }, 'a run is closed in Temporal and has no end: it was cut off');
    } catch (error) {
      log.debug({ error: String(error) }, 'whether a run was cut off could not be found out');
    }
  };
  const timer = setInterval(() => {
    looking = looking.then(look);
  }, LOOK_MS);
  return async () => {
    clearInterval(timer);
    await looking;
  };
}

/**
 * **Shape** the ids of those that were marked now: their progress.json has `cutOff`, until a later life of theirs tells more.
 * **Errors** Temporal's own; disk_*.
 */
export async function markCutOffRuns(root: string, client: Client): Promise<readonly string[]> {
  const marked: string[] = [];
  for (const runId of listRunIds(root)) {
    if (fs.existsSync(runPaths(root, runId).summary)) continue;
    const progress = readRun({ root, runId })?.progress ?? null;
    if (progress === null || progress.cutOff) continue;
    const isAtWork = await client.withDeadline(Date.now() + PATIENCE_MS, () =>
      isOpen(client, progress),
    );
    if (isAtWork) continue;
    // One more than what was judged: whatever was told meanwhile is younger.
    const sequence = progress.sequence + 1;
    writeProgress({ root, runId, progress: { ...progress, sequence, cutOff: true } });
    marked.push(runId);
  }
  return marked;
}

/** It, or a later life of it after a reset, or its child, which still commits. */
async function isOpen(client: Client, { runId, workflowId, life }: ProgressFile): Promise<boolean> {
  const own = await describeIfKnown(client, workflowId);
  if (own?.status.name === 'RUNNING') {
    if (own.runId === life) return true;
    if ((await runUnderWay(client, workflowId)).runId === runId) return true;
  }
  const child = await describeIfKnown(client, downloadWorkflowId(workflowId));
  return child?.status.name === 'RUNNING' && child.parentExecution?.runId === life;
}
