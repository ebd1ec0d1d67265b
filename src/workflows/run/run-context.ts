/**
 * What a step works with: the run's identity, its checked input, and the tracker to which it
 * reports.
 */
import type { OpenRunResult } from '../../contract/payloads';
import type { RunRef } from '../../contract/run-ref';
import type { Decisions } from '../operators/operator-decisions';
import type { PlanQueueLiveness } from '../obstacles/plan-queue-liveness';
import type { RunTracker } from './run-tracker';

export interface RunContext extends RunRef, OpenRunResult {
  readonly workflowId: string;
  readonly startedAt: string;
  readonly tracker: RunTracker;
  readonly decisions: Decisions;
  /** Every short activity of the plan queue is called through it. */
  readonly plan: PlanQueueLiveness;
}
