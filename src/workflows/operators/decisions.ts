/** What operators have decided about a run; its steps go by it. */
import type { DownloadSteering } from '../../contract/download';
import type { HostBudget, StepName } from '../../contract/run-input';
import type { RunTracker } from '../run/run-tracker';

/** A run, as its operators meet it. */
export interface OperatedRun {
  readonly tracker: RunTracker;
  readonly decisions: Decisions;
  /** Shows the Web UI what has changed. */
  readonly show: () => void;
}

/** Mutable, one a run: updates write it, the run reads it. */
export class Decisions {
  /** The parked step is to be tried again. */
  isRetried = false;
  abortReason: string | null = null;
  isPaused = false;
  /** Budgets given under way, by host key. */
  hosts: Readonly<Record<string, HostBudget>> = {};
  /** Steps that are to be left out, and why. */
  readonly skipped = new Map<StepName, string>();
  /** Ends all steps. */
  onAbort: () => void = nothing;
  /** Ends the step that runs, of this name. */
  onSkip: (step: StepName) => void = nothing;
  /** Tells of the steering: the download child, while there is one, otherwise the disk. */
  onSteer: () => void = nothing;

  steering(): DownloadSteering {
    return { isPaused: this.isPaused, hosts: this.hosts };
  }
}

function nothing(): void {
  // Nobody listens yet, or any more.
}
