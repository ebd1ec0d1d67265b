/**
 * Finds runs that Temporal has closed and that have no end on disk. They were terminated or timed
 * out, or their server is gone. None of their workflows is left to record an end, so only Temporal
 * can show that, for example, a parked run is no longer parked.
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

/**
 * The pause between two checks, and the time limit of a question to Temporal, both in milliseconds.
 * A working server answers in a fraction of that limit.
 */
const CHECK_MS = 15_000;
const DEADLINE_MS = 5_000;

/**
 * Checks at intervals until the returned function is called. Errors are logged, because the next
 * check may succeed.
 */
export function watchCutOffRuns(options: {
  readonly root: string;
  readonly client: Client;
  readonly log: Logger;
}): () => Promise<void> {
  const { root, client, log } = options;
  let checking = Promise.resolve();
  const check = async (): Promise<void> => {
    try {
      for (const runId of await markCutOffRuns(root, client))
        log.warn({ run: runId }, 'a run is closed in Temporal and has no end: it was cut off');
    } catch (error) {
      log.debug({ error: String(error) }, 'whether a run was cut off could not be found out');
    }
  };
  const timer = setInterval(() => {
    checking = checking.then(check);
  }, CHECK_MS);
  return async () => {
    clearInterval(timer);
    await checking;
  };
}

/**
 * Marks runs as cut off.
 *
 * @returns the ids of the runs that were marked now. Their progress.json has `cutOff` until a later
 *   execution reports progress.
 * @throws Temporal's own errors; disk_*.
 */
export async function markCutOffRuns(root: string, client: Client): Promise<readonly string[]> {
  const marked: string[] = [];
  for (const runId of listRunIds(root)) {
    if (fs.existsSync(runPaths(root, runId).summary)) continue;
    const progress = readRun({ root, runId })?.progress ?? null;
    if (progress === null || progress.cutOff) continue;
    const isStillOpen = await client.withDeadline(Date.now() + DEADLINE_MS, () =>
      isOpen(client, progress),
    );
    if (isStillOpen) continue;
    // One more than the record that was checked, so that any record written meanwhile is newer.
    const sequence = progress.sequence + 1;
    writeProgress({ root, runId, progress: { ...progress, sequence, cutOff: true } });
    marked.push(runId);
  }
  return marked;
}

/**
 * True while the run is open, or a later execution of it after a reset, or its download child,
 * which still commits.
 */
async function isOpen(client: Client, { runId, workflowId, life }: ProgressFile): Promise<boolean> {
  const own = await describeIfKnown(client, workflowId);
  if (own?.status.name === 'RUNNING') {
    if (own.runId === life) return true;
    if ((await runUnderWay(client, workflowId)).runId === runId) return true;
  }
  const child = await describeIfKnown(client, downloadWorkflowId(workflowId));
  return child?.status.name === 'RUNNING' && child.parentExecution?.runId === life;
}
