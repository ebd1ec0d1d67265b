/** The beginning of a run: its input is checked, and what a workflow cannot know is asked for. */
import { isCancellation, log, setCurrentDetails, workflowInfo } from '@temporalio/workflow';
import type { Obstacle } from '../../contract/obstacle';
import { recordActivities } from '../activity-proxies';
import { Decisions } from '../operators/decisions';
import { failureCause } from '../obstacles/failure-cause';
import { handleOperators } from '../operators/handlers';
import { isUnservedPlanQueue } from '../obstacles/unserved-plan-queue';
import { PlanQueueLiveness } from '../obstacles/plan-queue-liveness';
import { RunTracker } from './run-tracker';
import type { RunContext } from './run-context';
import { runDetails, type RunFacts } from '../reporting/run-details';
import { updateWebUi } from '../reporting/update-web-ui';
import { reportProgress } from '../reporting/report-progress';

/** Checking an input takes a moment. The workers' own setting is not known before they have answered. **Units** seconds. */
const LATE_SECONDS = 15;

/** **Errors** `input`, disk_*. */
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
    show: () => {
      if (context !== null) updateWebUi(tracker, context.searchAttributes);
    },
  });
  const plan = new PlanQueueLiveness(LATE_SECONDS, (silence) => {
    if (context === null) showOpening({ obstacle: silence });
    else showSilence(context, silence);
    return Promise.resolve();
  });
  showOpening({});
  const opened = await plan
    .ask(() =>
      recordActivities().openRun.executeWithOptions(
        { activityId: 'open', summary: 'open: check the input' },
        [{ ...identity, input }],
      ),
    )
    .catch((error: unknown) => {
      tracker.state = isCancellation(error) ? 'cancelled' : 'failed';
      showOpening({ state: tracker.state, failure: failureCause(error) });
      throw error;
    });
  plan.lateSeconds = opened.tuning.lateSeconds;
  tracker.expect(opened.input.steps);
  const opening = { ...identity, ...opened, tracker, decisions, plan };
  context = opening;
  decisions.onSteer = () => {
    reportProgress(opening).catch((error: unknown) => {
      log.warn('the disk could not be told', { error: String(error) });
    });
  };
  return context;
}

type Opening = Partial<Pick<RunFacts, 'state' | 'failure' | 'obstacle'>>;

/** No step is known yet, nor which search attributes the server has. */
function showOpening({ state = 'running', failure = null, obstacle = null }: Opening): void {
  const { workflowId, namespace, firstExecutionRunId: runId } = workflowInfo();
  setCurrentDetails(
    runDetails({
      ...{ workflowId, runId, namespace, obstacle, state, failure, steps: [] },
      now: new Date().toISOString(),
      ...{ step: null, catalog: null, download: null, parkedUntil: null },
    }),
  );
}

function showSilence({ tracker, searchAttributes }: RunContext, silence: Obstacle | null): void {
  if (silence !== null || isUnservedPlanQueue(tracker.obstacle)) tracker.obstacle = silence;
  updateWebUi(tracker, searchAttributes);
}
