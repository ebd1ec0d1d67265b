/** The process that runs one query of a user. `SqlCage` starts it in a folder of its own. */
import { copyFile, rename, stat } from 'node:fs/promises';
import { constants } from 'node:fs';
import { serveProcess } from '../../processes/serve-process';
import { sqlJob, type SqlJob } from '../sql/sql-job';
import { answerQuery } from './answer-query';

type CopyJob = Extract<SqlJob, { readonly kind: 'copy' }>;

/**
 * The server itself must not copy the file: closing it there would end the lock with which DuckDB
 * holds it open.
 */
async function copyIfPresent(job: CopyJob): Promise<{ readonly kind: 'copied' | 'replaced' }> {
  const { from, to } = job;
  const isSame = async (): Promise<boolean> => {
    const { ino, mtimeMs } = await stat(from);
    return ino === job.ino && mtimeMs === job.mtimeMs;
  };
  if (!(await isSame())) return { kind: 'replaced' };
  const part = `${to}.part`;
  await copyFile(from, part, constants.COPYFILE_FICLONE);
  if (!(await isSame())) return { kind: 'replaced' };
  await rename(part, to);
  return { kind: 'copied' };
}

serveProcess<SqlJob>(sqlJob, (job) =>
  job.kind === 'copy' ? copyIfPresent(job) : answerQuery(job),
);
