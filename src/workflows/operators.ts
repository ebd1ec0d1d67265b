/** What an operator can say to a run, from the CLI or the Web UI. */
import { defineQuery, defineSignal, defineUpdate, setHandler } from '@temporalio/workflow';
import type { DownloadProgress } from '../contract/download';
import {
  QUERY_PROGRESS,
  SIGNAL_DOWNLOAD_PROGRESS,
  UPDATE_ABORT_RUN,
  UPDATE_RETRY_STEP,
} from '../contract/operator';
import type { RunEntry } from '../contract/run-record';
import type { RunBoard } from './run-board';
import { showRun } from './show-run';
import type { OpenRunResult } from '../contract/payloads';

export const retryStepUpdate = defineUpdate<string, [{ readonly step: string }]>(UPDATE_RETRY_STEP);
export const abortRunUpdate = defineUpdate<string, [{ readonly reason: string }]>(UPDATE_ABORT_RUN);
export const progressQuery = defineQuery<RunEntry>(QUERY_PROGRESS);
export const downloadProgressSignal = defineSignal<[DownloadProgress]>(SIGNAL_DOWNLOAD_PROGRESS);

/** What operators decided; a parked run waits for `retry`, `onAbort` ends the steps whatever they do. */
export interface Decisions {
  retry: boolean;
  abortReason: string | null;
  onAbort: () => void;
}

/** Registers the handlers. Descriptions are what the Web UI shows beside an update. */
export function serveOperators(
  board: RunBoard,
  known: OpenRunResult['searchAttributes'],
): Decisions {
  const decisions: Decisions = { retry: false, abortReason: null, onAbort: () => undefined };
  setHandler(progressQuery, () => board.entry(), {
    description: "The run's entry of `status --json`.",
  });
  setHandler(
    downloadProgressSignal,
    (progress) => {
      board.download = progress;
      board.obstacle = progress.obstacle;
      showRun(board, known);
    },
    { description: "Sent by the run's own download child." },
  );
  serveRetryStep(board, decisions);
  serveAbortRun(board, decisions);
  return decisions;
}

function serveRetryStep(board: RunBoard, decisions: Decisions): void {
  setHandler(
    retryStepUpdate,
    ({ step }) => {
      decisions.retry = true;
      return `The step ${step} is tried again.`;
    },
    {
      description: 'Try a parked step again: {"step":"ingest"}. Only what is left of it is done.',
      validator: (argument: unknown) => {
        const parked = board.currentStep();
        if (board.state !== 'parked' || parked === null) {
          throw new Error(
            `No step is parked: the run is ${board.state}. retryStep is for parked runs.`,
          );
        }
        if (textOf(argument, 'step') !== parked.name) {
          throw new Error(`The parked step is ${parked.name}. Send {"step":"${parked.name}"}.`);
        }
      },
    },
  );
}

function serveAbortRun(board: RunBoard, decisions: Decisions): void {
  setHandler(
    abortRunUpdate,
    ({ reason }) => {
      decisions.abortReason = reason;
      decisions.onAbort();
      return 'The run is being ended; what was downloaded is committed first.';
    },
    {
      description: 'End the run: {"reason":"…"}. What was downloaded is committed first.',
      validator: (argument: unknown) => {
        if (board.endedAt !== null) throw new Error('The run is ending already.');
        if (!textOf(argument, 'reason')) throw new Error('Say why: {"reason":"…"}.');
      },
    },
  );
}

function textOf(argument: unknown, field: string): string | null {
  if (typeof argument !== 'object' || argument === null) return null;
  const value: unknown = Reflect.get(argument, field);
  return typeof value === 'string' ? value : null;
}
