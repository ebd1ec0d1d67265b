/**
 * Draws the report of a run from its files and the published snapshot, in a child process. Other
 * processes make its pictures from stored files.
 */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { relativeToRoot, runPaths } from '../files/data-root';
import type { PreparedProcesses } from '../processes/prepared-processes';
import { runProcess } from '../processes/run-process';
import { moveDurably, withScratchFolder } from '../processes/scratch-folder';
import { linkSnapshotIfAny } from '../processes/scratch-snapshot';
import { withThumbnails } from './html/thumbnail';
import { makeThumbnails } from './make-thumbnails';
import type { RunFacts } from './report-facts';
import { drawnReport, REPORT_NAME, type DrawnReport, type ReportJob } from './report-job';

/** The most bytes of a report with its pictures, so that it can be mailed. */
const MOST_BYTES = 2_000_000;

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
    const { pictures } = await runProcess({
      script: 'report/child/report-process.js',
      scratch,
      job,
      result: drawnReport,
      crash: 'db_memory',
      task: 'Drawing the report',
      prepared,
      signal,
    });
    const page = path.join(scratch, REPORT_NAME);
    await putPicturesIn(page, { dataRoot, scratch, signal, pictures });
    await moveDurably(page, report);
    return relativeToRoot(dataRoot, report);
  });
}

/** Replaces the page by the one with pictures, where it has places for any. */
async function putPicturesIn(
  page: string,
  {
    pictures,
    ...options
  }: {
    readonly dataRoot: string;
    readonly scratch: string;
    readonly signal: AbortSignal | undefined;
    readonly pictures: DrawnReport['pictures'];
  },
): Promise<void> {
  const files = new Map(Object.entries(pictures));
  if (files.size === 0) return;
  const thumbnails = await makeThumbnails({ ...options, files });
  const drawn = await readFile(page, 'utf8');
  await writeFile(page, withThumbnails(drawn, thumbnails, MOST_BYTES));
}
