/** The process that draws a report. `drawReport` starts it in a scratch folder of its own. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { attachSnapshot } from '../../processes/attached-files';
import { openLockedConnection } from '../../processes/locked-database';
import { asStepError } from '../../processes/process-failure';
import { SNAPSHOT_NAME } from '../../processes/scratch-snapshot';
import { serveProcess } from '../../processes/serve-process';
import { REPORT_NAME, reportJob, type DrawnReport, type ReportJob } from '../report-job';
import { reportAnswers, type ReportAnswers } from '../answers';
import { askOn } from '../ask';
import { filesOfPictures } from '../pictures';
import { reportPage } from '../report-page';

async function draw(job: ReportJob): Promise<DrawnReport> {
  const answers = await answersOrProblem(job);
  const page = reportPage(job, answers);
  writeFileSync(path.join(process.cwd(), REPORT_NAME), page);
  const pictures = typeof answers === 'string' ? null : answers.pictures;
  return {
    byteCount: Buffer.byteLength(page),
    pictures: pictures === null ? {} : Object.fromEntries(filesOfPictures(pictures)),
  };
}

/** A snapshot that is absent or damaged leaves a report of what the files of the run say. */
async function answersOrProblem(job: ReportJob): Promise<ReportAnswers | string> {
  if (job.publishedAt === null) return 'nothing was published yet';
  return askSnapshot(job).catch((error: unknown) => asStepError(error, 'db_corrupt').message);
}

/** The snapshot is attached read-only, and nothing else can be opened. */
async function askSnapshot(job: ReportJob): Promise<ReportAnswers> {
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
    return await reportAnswers(job, askOn(connection));
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
