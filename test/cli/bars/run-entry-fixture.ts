/** The entry of a run whose step ingest is under way. */
import type { RunEntry } from '../../../src/contract/run-record';

export function entryOf(changes: Partial<RunEntry>): RunEntry {
  return {
    runId: 'r',
    workflowId: 'w',
    state: 'running',
    step: { name: 'ingest', state: 'running', code: null, detail: null },
    planned: 0,
    stored: 0,
    notModified: 0,
    failed: 0,
    committed: 0,
    bytes: 0,
    ratePerSecond: 0,
    secondsLeft: null,
    startedAt: '2026-01-01T00:00:00.000Z',
    updatedAt: '2026-01-01T00:00:00.000Z',
    cutOff: false,
    ...changes,
  };
}
