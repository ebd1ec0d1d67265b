/** Draws the report of a run from its files and the published snapshot, in a child process. */
import path from 'node:path';
import { relativeToRoot, runPaths } from '../files/data-root';
import type { PreparedProcesses } from '../processes/prepared-processes';
import { runProcess } from '../processes/run-process';
import { moveDurably, withScratchFolder } from '../processes/scratch-folder';
import { linkSnapshotIfAny } from '../processes/scratch-snapshot';
import type { RunFacts } from './report-facts';
import { drawnReport, REPORT_NAME, type ReportJob } from './report-job';

export interface DrawReportOptions {
  readonly dataRoot: string;
  /** As `factsOfRun` returns them. */
  readonly facts: RunFacts;
  readonly database: ReportJob['database'];
  /** Processes that may have been started ahead. */
  readonly prepared?: PreparedProcesses;
  readonly signal?: AbortSignal;
}

/**
 * Replaces `runs/<runId>/report.html`. The warehouse is not opened and Temporal is not asked, so it
 * works while either is out of reach.
 *
 * @returns the report's path, relative to the data root.
 * @throws StepError db_*, disk_*; the signal's reason when it is aborted.
 */
export function drawReport({
  dataRoot,
  facts,
  database: { memory, threads },
  prepared,
  signal,
}: DrawReportOptions): Promise<string> {
  const { report } = runPaths(dataRoot, facts.runId);
  return withScratchFolder(dataRoot, 'report', async (scratch) => {
    const publishedAt = await linkSnapshotIfAny(dataRoot, scratch);
    const job: ReportJob = {
      ...facts,
      publishedAt: publishedAt?.toISOString() ?? null,
      drawnAt: new Date().toISOString(),
      database: { memory, threads },
    };
    await runProcess({
      script: 'report/child/report-process.js',
      scratch,
      job,
      result: drawnReport,
      crash: 'db_memory',
      task: 'Drawing the report',
      prepared,
      signal,
    });
    await moveDurably(path.join(scratch, REPORT_NAME), report);
    return relativeToRoot(dataRoot, report);
  });
}
