/** Draws the report of a run from its files and the published snapshot, in a child process. */
import fs from 'node:fs';
import path from 'node:path';
import { errorCode } from '../files/error-code';
import { dataRootPaths, relativeToRoot, runPaths } from '../files/data-root';
import { linkOrCopy } from '../files/link-or-copy';
import type { PreparedProcesses } from '../processes/prepared-processes';
import { runProcess } from '../processes/run-process';
import { moveDurably, withScratchFolder } from '../processes/scratch-folder';
import type { RunFacts } from './report-facts';
import { drawnReport, REPORT_NAME, SNAPSHOT_NAME, type ReportJob } from './report-job';

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
    const job: ReportJob = {
      ...facts,
      publishedAt: linkSnapshot(dataRoot, path.join(scratch, SNAPSHOT_NAME)),
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

/**
 * Gives the snapshot a second name, where the next publication does not replace it.
 *
 * @returns when it was published; null when there is none.
 */
function linkSnapshot(dataRoot: string, second: string): string | null {
  try {
    linkOrCopy(dataRootPaths(dataRoot).snapshot, second);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null;
    throw error;
  }
  return fs.statSync(second).mtime.toISOString();
}
