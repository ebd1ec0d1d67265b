/** Opens a run: an activity checks its input and returns what workflow code cannot find out. */
import { isCancellation, log, setCurrentDetails, workflowInfo } from '@temporalio/workflow';
import type { Obstacle } from '../../contract/obstacle';
import { recordActivities } from '../activity-proxies';
import { Decisions } from '../operators/operator-decisions';
import { failureCause } from '../obstacles/failure-cause';
import { handleOperators } from '../operators/handle-operators';
import { isUnservedPlanQueue } from '../obstacles/unserved-plan-queue';
import { PlanQueueLiveness } from '../obstacles/plan-queue-liveness';
import { RunTracker } from './run-tracker';
import type { RunContext } from './run-context';
import { runDetails, type RunFacts } from '../reporting/run-details';
import { updateWebUi } from '../reporting/update-web-ui';
import { reportProgress } from '../reporting/report-progress';

/**
 * Checking an input takes a moment. The workers' own setting is unknown until they have answered.
 * In seconds.
 */
const LATE_SECONDS = 15;

/** @throws `input`, disk_*. */
export async function openRun(input: unknown): Promise<RunContext> {
  const { originalExecutionRunId, workflowId, startTime } = workflowInfo();
  const identity = {
    runId: originalExecutionRunId,
    workflowId,
    startedAt: startTime.toISOString(),
  };
  const tracker = new RunTracker(identity);
  const decisions = new Decisions();
  let context: RunContext | null = null;
  handleOperators({
    tracker,
    decisions,
    showDetails: () => {
      if (context !== null) updateWebUi(context);
    },
  });
  const plan = new PlanQueueLiveness(LATE_SECONDS, (silence) => {
    if (context === null) showOpeningDetails({ obstacle: silence });
    else showSilence(context, silence);
    return Promise.resolve();
  });
  showOpeningDetails({});
  const opened = await plan
    .ask(() =>
      recordActivities().openRun.executeWithOptions(
        { activityId: 'open', summary: 'open: check the input' },
        [{ ...identity, input }],
      ),
    )
    .catch((error: unknown) => {
      tracker.state = isCancellation(error) ? 'cancelled' : 'failed';
      showOpeningDetails({ state: tracker.state, failure: failureCause(error) });
      throw error;
    });
  plan.lateSeconds = opened.tuning.lateSeconds;
  plan.dataRoot = opened.place?.dataRoot ?? null;
  tracker.expect(opened.input.steps);
  const opening = { ...identity, ...opened, tracker, decisions, plan };
  context = opening;
  decisions.onSteer = () => {
    reportProgress(opening).catch((error: unknown) => {
      log.warn('the progress could not be recorded on disk', { error: String(error) });
    });
  };
  return context;
}

type Opening = Partial<Pick<RunFacts, 'state' | 'failure' | 'obstacle'>>;

/** The details before a step is known, or which search attributes the server has. */
function showOpeningDetails({ state = 'running', failure = null, obstacle = null }: Opening): void {
  const { workflowId, namespace, firstExecutionRunId: runId } = workflowInfo();
  setCurrentDetails(
    runDetails({
      workflowId,
      runId,
      server: { address: '', namespace },
      dataRoot: null,
      now: new Date().toISOString(),
      state,
      steps: [],
      step: null,
      failure,
      obstacle,
      catalog: null,
      download: null,
      placeholders: [],
      features: null,
      embeddings: null,
      clusters: null,
      models: null,
      report: {},
      derivedProblems: [],
      parkedUntil: null,
    }),
  );
}

function showSilence(context: RunContext, silence: Obstacle | null): void {
  const { tracker } = context;
  if (silence !== null || isUnservedPlanQueue(tracker.obstacle)) tracker.obstacle = silence;
  updateWebUi(context);
}
