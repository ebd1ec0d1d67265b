/**
 * Logs when a run or a step enters a state. Each state is logged once, however often progress is
 * recorded.
 */
import { log } from '@temporalio/activity';
import type { ProgressFile, Summary } from '../contract/run-record';
import { FINAL_STATES } from '../contract/run-record';

export interface RunLog {
  readonly recorded: (progress: ProgressFile) => void;
  readonly closed: (summary: Summary) => void;
}

/** The most runs that are remembered. No worker has more of them under way. */
const MOST_RUNS = 100;

export function createRunLog(): RunLog {
  const loggedStates = new Map<string, string>();
  return {
    recorded: ({ runId, state, step }) => {
      if (FINAL_STATES.has(state)) return;
      const entered = `${state} ${step?.name ?? ''} ${step?.state ?? ''}`;
      if (loggedStates.get(runId) === entered) return;
      loggedStates.set(runId, entered);
      const [oldest] = loggedStates.keys();
      if (loggedStates.size > MOST_RUNS && oldest !== undefined) loggedStates.delete(oldest);
      log.info(`run ${state}`, { step: step?.name, stepState: step?.state, code: step?.code });
    },
    closed: ({ runId, state, seconds, run, codes }) => {
      loggedStates.delete(runId);
      log.info(`run ended: ${state}`, { seconds, ...run, codes });
    },
  };
}
