/** What a step works with: the run's identity, its checked input, and the board on which it reports. */
import type { OpenRunResult } from '../../contract/payloads';
import type { RunRef } from '../../contract/run-ref';
import type { Decisions } from '../operators/decisions';
import type { PlanWatch } from '../obstacles/plan-queue-liveness';
import type { RunBoard } from './run-state';

export interface RunContext extends RunRef, OpenRunResult {
  readonly workflowId: string;
  readonly startedAt: string;
  readonly board: RunBoard;
  readonly decisions: Decisions;
  /** Through it go the short activities of the plan queue. */
  readonly plan: PlanWatch;
}
