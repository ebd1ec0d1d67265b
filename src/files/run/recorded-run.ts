/**
 * recorded.json of a run: the record that the warehouse has of it (`etl_run`, `etl_step`), kept beside the warehouse because
 * nothing else on disk tells it. Written once the warehouse has it.
 */
import fs from 'node:fs';
import { z } from 'zod';
import type { RunRecord } from '../../contract/payloads';
import { writeFileAtomically } from '../write-file-atomically';
import { runPaths } from '../data-root';

const text = z.string().nullable();
const runRecord = z.object({
  runId: z.string(),
  workflowId: z.string(),
  state: z.string(),
  code: text,
  detail: text,
  startedAt: z.string(),
  endedAt: text,
  steps: z.array(
    z.object({
      name: z.string(),
      state: z.string(),
      startedAt: text,
      endedAt: text,
      doneCount: z.number().optional(),
      failedCount: z.number().optional(),
    }),
  ),
});

export function isRunRecord(value: unknown): value is RunRecord {
  return runRecord.safeParse(value).success;
}

/** **Idempotency** replaced whole. **Errors** StepError disk_*. */
export function noteRecord(root: string, record: RunRecord): void {
  const content = `${JSON.stringify(record, null, 2)}\n`;
  writeFileAtomically({ root, path: runPaths(root, record.runId).recorded, content });
}

/** Null where the warehouse never recorded the run, or what is there cannot be read. */
export function readRecorded(root: string, runId: string): RunRecord | null {
  try {
    const value: unknown = JSON.parse(fs.readFileSync(runPaths(root, runId).recorded, 'utf8'));
    return isRunRecord(value) ? value : null;
  } catch {
    return null;
  }
}
