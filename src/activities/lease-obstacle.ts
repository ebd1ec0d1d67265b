/** What people are told while another run downloads into the data root. */
import type { Obstacle } from '../contract/obstacle';
import { runWorkflowId } from '../contract/operator';
import { shellWord } from '../contract/shell-word';
import type { LeaseHolder } from '../files/lease';

export function leaseObstacle({ childWorkflowId, takenAt }: LeaseHolder): Obstacle {
  const other = runWorkflowId(childWorkflowId);
  return {
    ...{ kind: 'lease', queue: 'plan', code: null, lockedSince: null, parksAt: null },
    words: `The run ${other} downloads into this data root, since ${takenAt}. This one goes on by itself when that has ended. To end it: temporal workflow cancel --workflow-id ${shellWord(other)}. To look at it:`,
    command: `artemis-pipeline status ${shellWord(other)}`,
  };
}
