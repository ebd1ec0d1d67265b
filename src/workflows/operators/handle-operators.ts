/** The queries, signals and updates that a run accepts from the CLI or the Web UI. */
import {
  ApplicationFailure,
  defineQuery,
  defineSignal,
  setDefaultUpdateHandler,
  setHandler,
} from '@temporalio/workflow';
import type { DownloadProgress } from '../../contract/download-workflow';
import type { FeatureProgress } from '../../contract/features/feature-workflow';
import {
  QUERY_PROGRESS,
  SIGNAL_DOWNLOAD_PROGRESS,
  SIGNAL_FEATURE_PROGRESS,
} from '../../contract/operator';
import type { RunEntry } from '../../contract/run-record';
import type { OperatedRun } from './operator-decisions';
import { serveSteering, STEERING_UPDATES } from './steering-updates';
import { serveStepUpdates, STEP_UPDATES } from './step-updates';

const progressQuery = defineQuery<RunEntry>(QUERY_PROGRESS);
const downloadProgressSignal = defineSignal<[DownloadProgress]>(SIGNAL_DOWNLOAD_PROGRESS);

const featureProgressSignal = defineSignal<[FeatureProgress]>(SIGNAL_FEATURE_PROGRESS);

/** Registers the handlers. The Web UI shows the descriptions beside an update. */
export function handleOperators(run: OperatedRun): void {
  setHandler(progressQuery, () => run.tracker.entry(), {
    description: "The run's entry of `status --json`.",
  });
  setHandler(
    downloadProgressSignal,
    (progress) => {
      run.tracker.download = progress;
      run.tracker.obstacle = progress.obstacle;
      run.showDetails();
    },
    { description: "Sent by the run's own download child." },
  );
  setHandler(
    featureProgressSignal,
    (progress) => {
      run.tracker.features = progress;
      run.tracker.obstacle = progress.obstacle;
      run.showDetails();
    },
    { description: "Sent by the run's own child that computes features." },
  );
  serveStepUpdates(run);
  serveSteering(run);
  setDefaultUpdateHandler((name) => {
    const accepted = [...STEP_UPDATES, ...STEERING_UPDATES].join(', ');
    throw ApplicationFailure.nonRetryable(
      `There is no update "${name}". A run takes ${accepted}.`,
      'refused',
    );
  });
}
