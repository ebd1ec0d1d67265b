/** The obstacle that users see while another run downloads into the data root. */
import type { Obstacle } from '../contract/obstacle';
import { runWorkflowId, UPDATE_RESUME_RUN } from '../contract/operator';
import {
  statusCommand,
  temporalCommand,
  type CommandPlace,
} from '../contract/commands/printed-command';
import { shellWord } from '../contract/commands/shell-word';
import type { LeaseHolder } from '../files/run/lease';

/**
 * The run that has the lease. A run with `isPaused` keeps it and does nothing until an operator
 * resumes it.
 */
export interface OtherRun extends LeaseHolder {
  readonly isPaused: boolean;
}

export function leaseObstacle(
  { childWorkflowId, takenAt, isPaused }: OtherRun,
  { dataRoot, server }: CommandPlace,
): Obstacle {
  const other = runWorkflowId(childWorkflowId);
  const id = shellWord(other);
  const howToEnd = `To end it: ${temporalCommand(`workflow cancel --workflow-id ${id}`, server)}.`;
  return {
    kind: 'lease',
    queue: 'plan',
    code: null,
    lockedSince: null,
    parksAt: null,
    ...(isPaused
      ? {
          words: `The run "${other}" has the downloads of this data root, since ${takenAt}, and is paused: this run waits until an operator resumes or ends that one. ${howToEnd} To resume it:`,
          command: temporalCommand(
            `workflow update execute --workflow-id ${id} --name ${UPDATE_RESUME_RUN}`,
            server,
          ),
        }
      : {
          words: `The run "${other}" downloads into this data root, since ${takenAt}. This run continues by itself when that one has ended. ${howToEnd} To see its state:`,
          command: statusCommand(other, dataRoot),
        }),
  };
}
