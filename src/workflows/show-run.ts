/** What the Web UI shows of a run: current details in words, and the search attributes that the server knows. */
import { setCurrentDetails, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import { IMAGES_DONE_KEY, IMAGES_FAILED_KEY, STATE_KEY, STEP_KEY } from '../contract/operator';
import { obstacleWords } from './obstacle-words';
import type { RunBoard } from './run-board';

/** Sets both; cheap, and the same text is not set twice by the server's own rule. */
export function showRun(board: RunBoard, known: readonly string[]): void {
  setCurrentDetails(details(board));
  const counts = board.download?.counts;
  const pairs = [
    { key: STATE_KEY, value: board.entry().state as string },
    { key: STEP_KEY, value: board.currentStep()?.name ?? 'none' },
    { key: IMAGES_DONE_KEY, value: (counts?.stored ?? 0) + (counts?.notModified ?? 0) },
    { key: IMAGES_FAILED_KEY, value: counts?.failed ?? 0 },
  ];
  const registered = pairs.filter(({ key }) => known.includes(key.name));
  if (registered.length > 0) upsertSearchAttributes(registered);
}

function details(board: RunBoard): string {
  const lines = [
    `**${board.entry().state}**${board.download === null ? '' : ` · ${board.download.words}`}`,
    '',
  ];
  lines.push('| step | state | since | |', '|---|---|---|---|');
  for (const step of board.stepRecords()) {
    lines.push(`| ${step.name} | ${step.state} | ${step.startedAt ?? ''} | ${step.code ?? ''} |`);
  }
  if (board.obstacle !== null) lines.push('', obstacleWords(board.obstacle, board.state));
  if (board.state === 'parked') lines.push('', ...whatToDo(board));
  return lines.join('\n');
}

function whatToDo(board: RunBoard): readonly string[] {
  const { workflowId } = workflowInfo();
  const step = board.currentStep();
  const update = (name: string, input: object): string =>
    `    temporal workflow update execute --workflow-id ${workflowId} --name ${name} --input '${JSON.stringify(input)}'`;
  return [
    `The step **${step?.name ?? ''}** failed: ${step?.code ?? ''}. ${step?.detail ?? ''}`,
    '',
    'When the cause is mended, try the step again:',
    '',
    update('retryStep', { step: step?.name ?? '' }),
    '',
    'or end the run (what was downloaded stays and is committed):',
    '',
    update('abortRun', { reason: '…' }),
  ];
}
