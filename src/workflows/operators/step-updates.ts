/** Updates about a run's steps: run one again, skip one, end the run. */
import { defineUpdate, setHandler } from '@temporalio/workflow';
import { UPDATE_ABORT_RUN, UPDATE_RETRY_STEP, UPDATE_SKIP_STEP } from '../../contract/operator';
import type { StepName } from '../../contract/run-input';
import type { OperatedRun } from './operator-decisions';
import { readField, requireReason, refusal, refuseEnded } from './refusal';
import type { RunTracker } from '../run/run-tracker';

const retryStep = defineUpdate<string, [{ readonly step: StepName }]>(UPDATE_RETRY_STEP);
const skipStep = defineUpdate<string, [{ readonly step: StepName; readonly reason: string }]>(
  UPDATE_SKIP_STEP,
);
const abortRun = defineUpdate<string, [{ readonly reason: string }]>(UPDATE_ABORT_RUN);

export const STEP_UPDATES = [UPDATE_RETRY_STEP, UPDATE_SKIP_STEP, UPDATE_ABORT_RUN] as const;

export function serveStepUpdates(run: OperatedRun): void {
  serveRetry(run);
  serveSkip(run);
  serveAbort(run);
}

function serveRetry({ tracker, decisions }: OperatedRun): void {
  setHandler(
    retryStep,
    ({ step }) => {
      decisions.isRetried = true;
      return `The step ${step} is tried again.`;
    },
    {
      description: 'Try a parked step again: {"step":"ingest"}. Only what is left of it is done.',
      validator: (argument: unknown) => {
        const parked = tracker.currentStep();
        if (tracker.state !== 'parked' || parked === null)
          throw refusal(
            `No step is parked: the run is ${tracker.shownState()}. retryStep is for parked runs.`,
          );
        if (readField(argument, 'step') !== parked.name)
          throw refusal(`The parked step is ${parked.name}. Send {"step":"${parked.name}"}.`);
        if (decisions.isRetried)
          throw refusal(`The step ${parked.name} is being tried again already.`);
      },
    },
  );
}

function serveSkip({ tracker, decisions }: OperatedRun): void {
  setHandler(
    skipStep,
    ({ step, reason }) => {
      decisions.skipped.set(step, reason);
      decisions.onSkip(step);
      return `The step ${step} is left out; the steps after it run with what is there.`;
    },
    {
      description:
        'Leave a step out: {"step":"ingest","reason":"…"}. The steps after it run with what earlier runs left, as if the input had not selected it. A download that is under way commits what it has.',
      validator: (argument: unknown) => {
        refuseEnded(tracker);
        const open = openSteps(tracker);
        const step = open.find((name) => name === readField(argument, 'step'));
        if (step === undefined)
          throw refusal(
            open.length === 0
              ? 'No step is left that could be skipped.'
              : `Name a step that has not ended: ${open.join(', ')}. Send {"step":"${open[0] ?? ''}","reason":"…"}.`,
          );
        requireReason(argument, `{"step":"${step}","reason":"…"}`);
      },
    },
  );
}

function serveAbort({ tracker, decisions }: OperatedRun): void {
  setHandler(
    abortRun,
    ({ reason }) => {
      decisions.abortReason = reason;
      decisions.onAbort();
      return 'The run is being ended; what was downloaded is committed first.';
    },
    {
      description: 'End the run: {"reason":"…"}. What was downloaded is committed first.',
      validator: (argument: unknown) => {
        refuseEnded(tracker);
        requireReason(argument, '{"reason":"…"}');
      },
    },
  );
}

function openSteps(tracker: RunTracker): readonly StepName[] {
  const isOpen = ['pending', 'running', 'parked'];
  return tracker.stepRecords().flatMap(({ name, state }) => (isOpen.includes(state) ? [name] : []));
}
