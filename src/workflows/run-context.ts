/** What a step works with: the run's identity, its checked input, and the board on which it reports. */
import type { OpenRunResult, RunRef } from '../contract/payloads';
import type { Decisions } from './decisions';
import type { PlanWatch } from './plan-watch';
import type { RunBoard } from './run-board';

export interface RunContext extends RunRef, OpenRunResult {
  readonly workflowId: string;
  readonly startedAt: string;
  readonly board: RunBoard;
  readonly decisions: Decisions;
  /** Through it go the short activities of the plan queue. */
  readonly plan: PlanWatch;
}
