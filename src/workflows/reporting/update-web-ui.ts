/** What the Web UI shows of a run: its page, and the search attributes that the server knows. */
import { setCurrentDetails, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import { IMAGES_DONE_KEY, IMAGES_FAILED_KEY, STATE_KEY, STEP_KEY } from '../../contract/operator';
import type { RunBoard } from '../run/run-state';
import { runPage } from './run-details';

/** Sets both; attributes only where they have changed, because each time is an event. */
export function showRun(board: RunBoard, known: readonly string[]): void {
  const { workflowId, namespace } = workflowInfo();
  const { state } = board.entry();
  setCurrentDetails(
    runPage({
      ...{ workflowId, namespace, state, now: new Date().toISOString() },
      steps: board.stepRecords(),
      step: board.currentStep(),
      failure: board.failure,
      obstacle: board.obstacle,
      download: board.download,
      parkedUntil: board.state === 'parked' ? board.parkedUntil : null,
    }),
  );
  showAttributes(board, state, known);
}

function showAttributes(board: RunBoard, state: string, known: readonly string[]): void {
  const counts = board.download?.counts;
  const pairs = [
    { key: STATE_KEY, value: state },
    { key: STEP_KEY, value: board.currentStep()?.name ?? 'none' },
    { key: IMAGES_DONE_KEY, value: (counts?.stored ?? 0) + (counts?.notModified ?? 0) },
    { key: IMAGES_FAILED_KEY, value: counts?.failed ?? 0 },
  ];
  const registered = pairs.filter(({ key }) => known.includes(key.name));
  const shown = JSON.stringify(registered.map(({ value }) => value));
  if (registered.length === 0 || shown === board.shownAttributes) return;
  board.shownAttributes = shown;
  upsertSearchAttributes(registered);
}
