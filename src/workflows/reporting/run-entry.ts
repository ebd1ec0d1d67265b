/** A run's entry of `status`, made the same way by the parent and by its download child. */
import type { DownloadImagesInput } from '../../contract/download';
import type { Obstacle } from '../../contract/obstacle';
import type { RunCounts, RunEntry, RunState, StepStatus } from '../../contract/run-record';
import { withObstacle } from '../obstacles/obstacle-text';

export const NOTHING: RunCounts = {
  planned: 0,
  stored: 0,
  notModified: 0,
  failed: 0,
  bytes: 0,
  requests: 0,
};

/** The same as the child knows it while its step runs. `detail`: what it waits for, unless something is in its way. */
export function downloadEntryOf(
  { runId, workflowId, startedAt }: DownloadImagesInput,
  known: Pick<
    Parameters<typeof entryOf>[0],
    'state' | 'obstacle' | 'counts' | 'ratePerSecond' | 'waits'
  >,
  detail: string | null,
): RunEntry {
  const step = { name: 'download', state: 'running', code: null, detail } as const;
  return entryOf({ runId, workflowId, startedAt, step, ...known });
}

/**
 * Hosts that are waited for, as far as they decide how long the run takes. **Shape** `until`: when the last of them may be
 * asked again (ISO 8601 UTC); null: none is waited for. `isNetworkGone`: nobody can say when it goes on.
 */
export interface WaitsAhead {
  readonly until: string | null;
  readonly isNetworkGone: boolean;
}

/** **Units** `ratePerSecond` images a second; 0: unknown. */
export function entryOf(run: {
  readonly runId: string;
  readonly workflowId: string;
  readonly startedAt: string;
  readonly state: RunState;
  readonly step: StepStatus | null;
  /** In the way of the step. */
  readonly obstacle: Obstacle | null;
  readonly counts: RunCounts | null;
  readonly ratePerSecond: number;
  readonly waits?: WaitsAhead;
}): RunEntry {
  const { planned, stored, notModified, failed, bytes } = run.counts ?? NOTHING;
  const committed = stored + notModified + failed;
  const step = withObstacle(run.step, run.obstacle, run.state);
  const left = Math.max(0, planned - committed);
  return {
    runId: run.runId,
    workflowId: run.workflowId,
    state: run.state,
    step: step === null ? null : statusOf(step),
    planned,
    stored,
    notModified,
    failed,
    committed,
    bytes,
    ratePerSecond: Math.round(run.ratePerSecond * 10) / 10,
    secondsLeft: secondsLeft(left, run.ratePerSecond, run.waits),
    startedAt: run.startedAt,
    updatedAt: new Date().toISOString(),
    cutOff: false,
  };
}

/** As long as the rest takes at the rate so far, and no shorter than the longest wait for a host. */
function secondsLeft(left: number, ratePerSecond: number, waits?: WaitsAhead): number | null {
  if (waits?.isNetworkGone === true) return null;
  const until = waits?.until ?? null;
  const waitSeconds = until === null ? 0 : Math.max(0, (Date.parse(until) - Date.now()) / 1_000);
  if (ratePerSecond === 0 && waitSeconds === 0) return null;
  const workSeconds = ratePerSecond > 0 ? left / ratePerSecond : 0;
  return Math.ceil(Math.max(workSeconds, waitSeconds));
}

function statusOf({ name, state, code, detail }: StepStatus): StepStatus {
  return { name, state, code, detail };
}
