/** When a child continues as new: its history is long, or the server suggests it. */
import { workflowInfo } from '@temporalio/workflow';
import type { Tuning } from '../contract/payloads';

export function mustContinueAsNew({ historyEvents }: Tuning): boolean {
  const { continueAsNewSuggested, historyLength } = workflowInfo();
  return continueAsNewSuggested || historyLength >= historyEvents;
}
