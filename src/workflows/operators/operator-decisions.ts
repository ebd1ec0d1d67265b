/** What operators have decided about a run. Its steps act on it. */
import type { DownloadSteering } from '../../contract/download-workflow';
import type { HostBudget, StepName } from '../../contract/run-input';
import type { RunTracker } from '../run/run-tracker';

/** A run as the handlers of updates see it. */
export interface OperatedRun {
  readonly tracker: RunTracker;
  readonly decisions: Decisions;
  /** Shows the change in the Web UI. */
  readonly showDetails: () => void;
}

/** Mutable; each run has one. Updates write it, and the run reads it. */
export class Decisions {
  /** The parked step should run again. */
  isRetried = false;
  abortReason: string | null = null;
  isPaused = false;
  /** Budgets that operators set while the run is under way, by host key. */
  hosts: Readonly<Record<string, HostBudget>> = {};
  /** Steps to leave out, with the reason. */
  readonly skipped = new Map<StepName, string>();
  /** Ends all steps. */
  onAbort: () => void = doNothing;
  /** Ends the running step if it has this name. */
  onSkip: (step: StepName) => void = doNothing;
  /** Passes the steering on: to the download child while there is one, otherwise to the disk. */
  onSteer: () => void = doNothing;

  steering(): DownloadSteering {
    return { isPaused: this.isPaused, hosts: this.hosts };
  }
}

function doNothing(): void {
  // No step has set a listener, or it has ended.
}
