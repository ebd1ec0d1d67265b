/** Tells the log when a run or a step enters a state: once, however often progress is recorded. */
import { log } from '@temporalio/activity';
import type { ProgressFile, Summary } from '../contract/run-record';
import { FINAL_STATES } from '../contract/run-record';

export interface RunLog {
  readonly recorded: (progress: ProgressFile) => void;
  readonly closed: (summary: Summary) => void;
}

/** Runs whose last words are remembered: more are under way nowhere. */
const MOST_RUNS = 100;

export function createRunLog(): RunLog {
  const said = new Map<string, string>();
  return {
    recorded: ({ runId, state, step }) => {
      if (FINAL_STATES.has(state)) return;
      const words = `${state} ${step?.name ?? ''} ${step?.state ?? ''}`;
      if (said.get(runId) === words) return;
      said.set(runId, words);
      const [oldest] = said.keys();
      if (said.size > MOST_RUNS && oldest !== undefined) said.delete(oldest);
      log.info(`run ${state}`, { step: step?.name, stepState: step?.state, code: step?.code });
    },
    closed: ({ runId, state, seconds, run, codes }) => {
      said.delete(runId);
      log.info(`run ended: ${state}`, { seconds, ...run, codes });
    },
  };
}
