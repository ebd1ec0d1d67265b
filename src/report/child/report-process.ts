/** The process that draws a report. `drawReport` starts it in a scratch folder of its own. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { attachSnapshot } from '../../processes/attached-files';
import { openLockedConnection } from '../../processes/locked-database';
import { asStepError } from '../../processes/process-failure';
import { SNAPSHOT_NAME } from '../../processes/scratch-snapshot';
import { serveProcess } from '../../processes/serve-process';
import { REPORT_NAME, reportJob, type ReportJob } from '../report-job';
import { answersFor, type Answers } from '../answers';
import { askOn } from '../ask';
import { reportPage } from '../report-page';

async function draw(job: ReportJob): Promise<{ readonly byteCount: number }> {
  const page = reportPage(job, await answersOrProblem(job));
  writeFileSync(path.join(process.cwd(), REPORT_NAME), page);
  return { byteCount: Buffer.byteLength(page) };
}

/** A snapshot that is absent or damaged leaves a report of what the files of the run say. */
async function answersOrProblem(job: ReportJob): Promise<Answers | string> {
  if (job.publishedAt === null) return 'nothing was published yet';
  return askSnapshot(job).catch((error: unknown) => asStepError(error, 'db_corrupt').message);
}

/** The snapshot is attached read-only, and nothing else can be opened. */
async function askSnapshot(job: ReportJob): Promise<Answers> {
  const { instance, connection } = await openLockedConnection({
    ...job.database,
    folder: process.cwd(),
    files: [],
    before: async (opened) => {
      await attachSnapshot(opened, SNAPSHOT_NAME, 'Drawing the report');
      await opened.run('USE snapshot');
    },
  });
  try {
    return await answersFor(job, askOn(connection));
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

serveProcess(reportJob, (job) =>
  draw(job).catch((error: unknown) => {
    throw asStepError(error, 'db_corrupt');
  }),
);
