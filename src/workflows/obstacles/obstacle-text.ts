/** An obstacle as users read it in the Web UI and in `status`. */
import type { Obstacle } from '../../contract/obstacle';
import { FINAL_STATES, type RunState, type StepStatus } from '../../contract/run-record';

/** The obstacle, the command to type and the consequence, in one line. */
export function obstacleText(obstacle: Obstacle, state: RunState): string {
  const { words, command } = obstacle;
  return [words, command, consequence(obstacle, state)].filter((part) => part).join(' ');
}

/** What happens if the obstacle stays; empty when nothing does. */
export function consequence({ parksAt }: Obstacle, state: RunState): string {
  if (FINAL_STATES.has(state))
    return 'Not everything could be committed: what is missing stays in the ledgers, and the next run commits it first.';
  return parksAt === null ? '' : `The step waits until ${parksAt}, then it parks.`;
}

/**
 * True for a run that waited for another run and has ended. The other run is in no one's way any
 * more, and nothing was left to commit.
 */
export function isOver({ kind }: Obstacle, state: RunState): boolean {
  return kind === 'lease' && FINAL_STATES.has(state);
}

/**
 * A step as `status` shows it while an obstacle is in its way, and the obstacle that was there when
 * the step ended with its run.
 */
export function withObstacle(
  step: StepStatus | null,
  obstacle: Obstacle | null,
  state: RunState,
): StepStatus | null {
  if (step === null || obstacle === null || isOver(obstacle, state)) return step;
  const text = obstacleText(obstacle, state);
  if (step.state === 'running') return { ...step, code: obstacle.code, detail: text };
  if (step.state !== 'failed' || !FINAL_STATES.has(state)) return step;
  return { ...step, detail: `${step.detail ?? ''}. ${text}` };
}
