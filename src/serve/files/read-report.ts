/** The report file of a run. */
import { open } from 'node:fs/promises';
import { runPaths } from '../../files/data-root';
import { errorCode } from '../../files/error-code';
import { HttpProblem } from '../http-problem';
import { READ_UNLINKED } from './stored-file';

/** A report has less than 2 MB; a larger file is none. */
const MOST_BYTES = 8_000_000;

/** The report has one style sheet and its pictures in it, runs no script and loads nothing. */
export const REPORT_POLICY =
  "default-src 'none'; img-src data:; style-src 'unsafe-inline'; sandbox";

/**
 * Reads `runs/<runId>/report.html`.
 *
 * @param runId the id of a run that is there.
 * @throws HttpProblem 404 when there is no report.
 */
export async function readReport(dataRoot: string, runId: string): Promise<string> {
  try {
    const handle = await open(runPaths(dataRoot, runId).report, READ_UNLINKED);
    try {
      const stats = await handle.stat();
      if (stats.isFile() && stats.size <= MOST_BYTES) return await handle.readFile('utf8');
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (!['ENOENT', 'ENOTDIR', 'ELOOP'].includes(errorCode(error) ?? '')) throw error;
  }
  throw new HttpProblem(404, 'This run has no report. It is drawn when the run ends.');
}
