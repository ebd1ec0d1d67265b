/** Asks Temporal what a run waits for that has not written anything to disk yet. */
import os from 'node:os';
import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import { taskQueues } from '../../contract/task-queues';
import { temporalCommand, type CommandServer } from '../../contract/commands/printed-command';
import { shellWord } from '../../contract/commands/shell-word';
import { processState } from '../../files/process/process-state';
import { livePollers } from '../../server/live-pollers';
import type { BegunRun } from './begin-run';
import { notBegunText, type NotBegunFacts, type WorkerFacts } from './not-begun-text';

type Waiting = Pick<NotBegunFacts, 'queue' | 'failure' | 'unpause'>;

/**
 * @returns null when the run has ended, or when nothing is known.
 * @throws Temporal's own errors.
 */
export async function diagnoseNotBegun(options: {
  readonly client: Client;
  readonly run: Pick<BegunRun, 'workflowId' | 'executionRunId'>;
  readonly dataRoot: string;
  readonly queuePrefix: string;
  readonly server: CommandServer;
}): Promise<string | null> {
  const { client, run, dataRoot, queuePrefix, server } = options;
  const { workflowId, executionRunId } = run;
  const description = await client.workflow.getHandle(workflowId, executionRunId).describe();
  if (description.status.name !== 'RUNNING') return null;
  const waiting = await waitingFor(client, description, server);
  const names = taskQueues(queuePrefix);
  const queue = waiting.queue ?? 'plan';
  const pollers = await livePollers(client, queue, names[queue]);
  return notBegunText({
    ...waiting,
    dataRoot,
    queuePrefix,
    taskQueue: names[queue],
    workers: pollers.map(workerFacts),
  });
}

async function waitingFor(
  client: Client,
  { raw, workflowId, runId }: WorkflowExecutionDescription,
  server: CommandServer,
): Promise<Waiting> {
  const decision = raw.pendingWorkflowTask;
  if (decision != null) {
    const isTriedAgain = (decision.attempt ?? 1) > 1;
    const failure = isTriedAgain ? await lastFailure(client, workflowId, runId) : null;
    return { queue: 'pipeline', failure, unpause: null };
  }
  const open = raw.pendingActivities?.find(({ activityType }) => activityType?.name === 'openRun');
  if (open === undefined) return { queue: null, failure: null, unpause: null };
  const { lastFailure: failed, lastWorkerIdentity, paused, activityId } = open;
  const ids = `--workflow-id ${shellWord(workflowId)} --activity-id ${shellWord(activityId ?? '')}`;
  return {
    queue: 'plan',
    failure:
      failed == null
        ? null
        : { message: firstSentence(failed.message), identity: lastWorkerIdentity ?? '' },
    unpause: paused === true ? temporalCommand(`activity unpause ${ids}`, server) : null,
  };
}

/** The failure of the last workflow task that failed. A task that was only cut off has none. */
async function lastFailure(
  client: Client,
  workflowId: string,
  runId: string,
): Promise<NotBegunFacts['failure']> {
  const { history } = await client.workflowService.getWorkflowExecutionHistoryReverse({
    namespace: client.options.namespace,
    execution: { workflowId, runId },
    maximumPageSize: 10,
  });
  for (const { workflowTaskFailedEventAttributes: failed } of history?.events ?? [])
    if (failed != null)
      return { message: firstSentence(failed.failure?.message), identity: failed.identity ?? '' };
  return null;
}

/** The first line of a message, as a sentence. */
function firstSentence(message: string | null | undefined): string {
  const [line = ''] = (message ?? '').split('\n');
  return line.endsWith('.') ? line : `${line}.`;
}

function workerFacts(identity: string): WorkerFacts {
  const [pid, host] = identity.split('@');
  const isStopped = host === os.hostname() && processState(Number(pid)).isStopped;
  return { identity, stoppedPid: isStopped ? Number(pid) : null };
}
