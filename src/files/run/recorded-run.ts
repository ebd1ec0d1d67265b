/**
 * recorded.json of a run: the record that the warehouse has of it (`etl_run`, `etl_step`), written
 * after the warehouse has it. A rebuild of the warehouse needs it because no other file contains
 * it.
 */
import { z } from 'zod';
import type { RunRecord } from '../../contract/payloads';
import { writeFileAtomically } from '../write-file-atomically';
import { runPaths } from '../data-root';
import { readJsonIfPresent } from '../read-if-present';

const nullableText = z.string().nullable();
const runRecord = z.object({
  runId: z.string(),
  workflowId: z.string(),
  state: z.string(),
  code: nullableText,
  detail: nullableText,
  startedAt: z.string(),
  endedAt: nullableText,
  steps: z.array(
    z.object({
      name: z.string(),
      state: z.string(),
      startedAt: nullableText,
      endedAt: nullableText,
      doneCount: z.number().optional(),
      failedCount: z.number().optional(),
    }),
  ),
});

export function isRunRecord(value: unknown): value is RunRecord {
  return runRecord.safeParse(value).success;
}

/**
 * Replaces recorded.json.
 *
 * @throws StepError disk_*.
 */
export function noteRecord(root: string, record: RunRecord): void {
  const content = `${JSON.stringify(record, null, 2)}\n`;
  writeFileAtomically({ root, path: runPaths(root, record.runId).recorded, content });
}

/**
 * Null if the warehouse has no record of the run, or the file does not match the schema.
 *
 * @throws StepError disk_* when the file cannot be read: a rebuild would restore less than is
 *   known.
 */
export function readRecorded(root: string, runId: string): RunRecord | null {
  return readJsonIfPresent(z.unknown().refine(isRunRecord), runPaths(root, runId).recorded);
}
