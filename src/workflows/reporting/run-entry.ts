/** A run's entry of `status`. The parent and its download child make it in the same way. */
import type { DownloadImagesInput, DownloadProgress } from '../../contract/download-workflow';
import type { EmbeddingCounts } from '../../contract/embeddings/embedding';
import type { ClusterCounts } from '../../contract/derived/cluster-counts';
import type { Obstacle } from '../../contract/obstacle';
import {
  NO_OUTCOMES,
  type FeaturesEntry,
  type RunCounts,
  type RunEntry,
  type RunState,
  type StepStatus,
} from '../../contract/run-record';
import { withObstacle } from '../obstacles/obstacle-text';
import { waitingHosts, waitsText } from './host-text';

/**
 * The entry as the child knows it while its step runs. What the downloads wait for is the detail of
 * the step, unless an obstacle is in its way.
 */
export function downloadEntry(
  { runId, workflowId, startedAt }: DownloadImagesInput,
  known: Pick<Parameters<typeof runEntry>[0], 'state' | 'obstacle' | 'counts' | 'ratePerSecond'>,
  hosts: Pick<DownloadProgress, 'waits' | 'isNetworkGone'>,
): RunEntry {
  const detail = waitsText(hosts);
  const step = { name: 'download', state: 'running', code: null, detail } as const;
  const { isNetworkGone } = hosts;
  const waits = { until: hosts.waits.longest[0]?.until ?? null, isNetworkGone };
  return {
    ...runEntry({ runId, workflowId, startedAt, step, waits, ...known }),
    ...waitingHosts(hosts.waits),
  };
}

/** Waits for hosts, as far as they decide how long the run takes. */
export interface WaitsAhead {
  /** When the last host may be asked again, ISO 8601 UTC; null when no host waits. */
  readonly until: string | null;
  /** True when it is unknown when the downloads can continue. */
  readonly isNetworkGone: boolean;
}

/** @param run `ratePerSecond` is in images per second, and 0 when it is unknown. */
export function runEntry(run: {
  readonly runId: string;
  readonly workflowId: string;
  readonly startedAt: string;
  readonly state: RunState;
  readonly step: StepStatus | null;
  /** The obstacle in the way of the step. */
  readonly obstacle: Obstacle | null;
  readonly counts: RunCounts | null;
  readonly ratePerSecond: number;
  readonly waits?: WaitsAhead;
  readonly features?: FeaturesEntry;
  readonly embeddings?: EmbeddingCounts;
  readonly clusters?: ClusterCounts;
}): RunEntry {
  const { planned, stored, notModified, failed, bytes } = run.counts ?? NO_OUTCOMES;
  const committed = stored + notModified + failed;
  const step = withObstacle(run.step, run.obstacle, run.state);
  const left = Math.max(0, planned - committed);
  return {
    runId: run.runId,
    workflowId: run.workflowId,
    state: run.state,
    step: step === null ? null : stepStatus(step),
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
    ...(run.obstacle?.command == null || step?.state !== 'running'
      ? {}
      : { command: run.obstacle.command }),
    ...(run.features === undefined ? {} : { features: run.features }),
    ...(run.embeddings === undefined ? {} : { embeddings: run.embeddings }),
    ...(run.clusters === undefined ? {} : { clusters: run.clusters }),
  };
}

/**
 * The seconds that the rest takes at the rate so far, but no less than the longest wait for a host.
 */
function secondsLeft(left: number, ratePerSecond: number, waits?: WaitsAhead): number | null {
  if (waits?.isNetworkGone === true) return null;
  const until = waits?.until ?? null;
  const waitSeconds = until === null ? 0 : Math.max(0, (Date.parse(until) - Date.now()) / 1_000);
  if (ratePerSecond === 0 && waitSeconds === 0) return null;
  const workSeconds = ratePerSecond > 0 ? left / ratePerSecond : 0;
  return Math.ceil(Math.max(workSeconds, waitSeconds));
}

function stepStatus({ name, state, code, detail }: StepStatus): StepStatus {
  return { name, state, code, detail };
}
