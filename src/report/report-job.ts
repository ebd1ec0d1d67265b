/** What the process that draws a report is given. It reads the snapshot itself. */
import { z } from 'zod';

/** Name of the drawn report in the scratch folder. */
export const REPORT_NAME = 'report.html';

/** Times are ISO 8601 UTC, commands whole lines that can be pasted into a shell. */
export const reportJob = z.object({
  dataRoot: z.string(),
  runId: z.string(),
  workflowId: z.string(),
  /** As `status` shows it; `cut off` for a run that ended without a record of it. */
  state: z.string(),
  /** Null for the unnamed collection. */
  collection: z.string().nullable(),
  startedAt: z.string(),
  /** Null while the run is under way. */
  endedAt: z.string().nullable(),
  /** Why the run failed, was aborted, or waits; null without a reason. */
  reason: z.object({ code: z.string().nullable(), detail: z.string() }).nullable(),
  /** What the input of the run asked for: a name and its value. */
  asked: z.array(z.tuple([z.string(), z.string()])),
  /** What can be done about rows that were rejected, one sentence each. */
  rejectHints: z.array(z.string()),
  commands: z.object({
    again: z.string(),
    /** Null for a run that was given its images. */
    againFailed: z.string().nullable(),
    status: z.string(),
    verify: z.string(),
    report: z.string(),
  }),
  /** When the snapshot was published; null when there is none. */
  publishedAt: z.string().nullable(),
  drawnAt: z.string(),
  database: z.object({ memory: z.string(), threads: z.number().int().positive() }),
});
export type ReportJob = z.infer<typeof reportJob>;

/** What the process returns. */
export const drawnReport = z.object({
  byteCount: z.number(),
  /** Files whose pictures have a place in the page: paths below the data root by their sha256. */
  pictures: z.record(z.string(), z.string()),
});
export type DrawnReport = z.infer<typeof drawnReport>;
