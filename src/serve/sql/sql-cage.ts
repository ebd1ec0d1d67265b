/** Runs SQL of users, each query in a process of its own, over a copy of the snapshot. */
import { rmSync } from 'node:fs';
import { open, rm, stat, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { StepError } from '../../contract/errors';
import { dataRootPaths } from '../../files/data-root';
import { canLimitResources, type ResourceLimits } from '../../files/process/resource-limits';
import { createSystemTempFolder } from '../../files/temp-names';
import { runProcess } from '../../processes/run-process';
import { withSystemScratchFolder } from '../../processes/scratch-folder';
import { READ_UNLINKED } from '../files/stored-file';
import { HttpProblem } from '../http-problem';
import type { OpenSnapshot } from '../snapshot/open-snapshot';
import { snapshotId } from '../snapshot/snapshot-id';
import {
  copyAnswer,
  MOST_FILE_BYTES,
  queryAnswer,
  RESULT_NAME,
  type QueryAnswer,
  type SqlFormat,
  type SqlJob,
  type SqlProblem,
  type SqlRows,
} from './sql-job';

/** The longest time of a query whose first rows are shown, and of one whose file is made, in s. */
const ROWS_SECONDS = 10;
const FILE_SECONDS = 60;

/** A process that was not interrupted in time is killed after this time more, in ms. */
const PATIENCE_MS = 3_000;

/** A copy takes seconds, also of a snapshot of millions of images. In ms. */
const COPY_MS = 120_000;

/** Queries run one after another. The most that wait. */
const MOST_WAITING = 10;

/** Memory of the process: DuckDB has 256 MB of it. */
const MEMORY = { heapMb: 256, dataKib: 1_024 * 1_024 };

export class SqlCage {
  private last: Promise<unknown> = Promise.resolve();
  private waiting = 0;
  /** The copy of the snapshot that was asked last, in a folder of its own. */
  private copy: { readonly id: string; readonly folder: string } | null = null;
  private readonly closing = new AbortController();

  constructor(private readonly dataRoot: string) {}

  /**
   * The first rows of a query.
   *
   * @param signal aborted when the client has closed its connection.
   * @throws HttpProblem 503; StepError for other failures of the process.
   */
  async rows(
    snapshot: OpenSnapshot,
    sql: string,
    signal: AbortSignal,
  ): Promise<SqlRows | SqlProblem> {
    const answer = await this.inTurn(async () => {
      const database = await this.copyOf(snapshot);
      return withSystemScratchFolder('artemis-sql', (scratch) =>
        this.query({ kind: 'rows', database, sql, seconds: ROWS_SECONDS }, scratch, signal),
      );
    });
    if (answer.kind === 'file') throw new Error('rows were asked, and a file was made');
    return answer;
  }

  /**
   * All rows of a query as an open file without a name, which the caller closes.
   *
   * @throws as `rows` does.
   */
  async file(
    snapshot: OpenSnapshot,
    { sql, format }: { readonly sql: string; readonly format: SqlFormat },
    signal: AbortSignal,
  ): Promise<FileHandle | SqlProblem> {
    return this.inTurn(async () => {
      const database = await this.copyOf(snapshot);
      const job = { kind: 'file', database, sql, format, seconds: FILE_SECONDS } as const;
      return withSystemScratchFolder('artemis-sql', async (scratch) => {
        const answer = await this.query(job, scratch, signal);
        if (answer.kind === 'problem') return answer;
        return open(path.join(scratch, RESULT_NAME), READ_UNLINKED);
      });
    });
  }

  /** Ends the query under way and removes the copy. */
  async close(): Promise<void> {
    this.closing.abort(new HttpProblem(503, 'The server ends.'));
    await this.last;
    if (this.copy !== null) rmSync(this.copy.folder, { recursive: true, force: true });
  }

  private async query(
    job: Extract<SqlJob, { readonly sql: string }>,
    scratch: string,
    signal: AbortSignal,
  ): Promise<QueryAnswer> {
    const limits: ResourceLimits = {
      ...MEMORY,
      fileBytes: job.kind === 'file' ? MOST_FILE_BYTES : 0,
      cpuSeconds: 2 * job.seconds,
    };
    const deadline = AbortSignal.timeout(job.seconds * 1_000 + PATIENCE_MS);
    try {
      return await runProcess({
        script: 'serve/child/sql-process.js',
        scratch,
        job,
        result: queryAnswer,
        crash: 'db_memory',
        task: 'Running the query',
        limits,
        signal: AbortSignal.any([signal, this.closing.signal, deadline]),
      });
    } catch (error) {
      if (signal.aborted) throw new HttpProblem(503, 'The request was given up.', { cause: error });
      if (deadline.aborted) return ended(`The query took longer than ${job.seconds} s.`);
      if (error instanceof StepError && error.code === 'db_memory') return ended(TOO_MUCH);
      throw error;
    }
  }

  /** @returns the path of the copy of exactly this snapshot. @throws HttpProblem 503. */
  private async copyOf({ id }: OpenSnapshot): Promise<string> {
    if (this.copy !== null && this.copy.id !== id) {
      await rm(this.copy.folder, { recursive: true, force: true });
      this.copy = null;
    }
    if (this.copy !== null) return path.join(this.copy.folder, COPY_NAME);
    const folder = createSystemTempFolder('artemis-serve-copy');
    try {
      await this.makeCopy(id, folder);
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
    this.copy = { id, folder };
    return path.join(folder, COPY_NAME);
  }

  private async makeCopy(id: string, folder: string): Promise<void> {
    const from = dataRootPaths(this.dataRoot).snapshot;
    const stats = await stat(from);
    if (snapshotId(stats) !== id) throw new HttpProblem(503, REPLACED);
    const to = path.join(folder, COPY_NAME);
    const { ino, mtimeMs } = stats;
    const copyJob: SqlJob = { kind: 'copy', from, to, ino, mtimeMs };
    const { kind } = await runProcess({
      script: 'serve/child/sql-process.js',
      scratch: folder,
      job: copyJob,
      result: copyAnswer,
      crash: 'disk_io',
      task: 'Copying the snapshot',
      signal: AbortSignal.any([this.closing.signal, AbortSignal.timeout(COPY_MS)]),
    }).catch((error: unknown) => {
      if (!(error instanceof StepError)) throw error;
      const message = `The snapshot could not be copied for this query: ${error.message}`;
      throw new HttpProblem(503, message, { cause: error });
    });
    if (kind === 'replaced') throw new HttpProblem(503, REPLACED);
  }

  /** @throws HttpProblem 503 when too many wait, or where the limits cannot be kept. */
  private async inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (!canLimitResources()) throw new HttpProblem(503, NO_LIMITS);
    if (this.waiting >= MOST_WAITING)
      throw new HttpProblem(503, 'Too many queries wait. Try again.');
    this.waiting += 1;
    const done = this.last.then(work);
    this.last = done.catch(() => undefined);
    try {
      return await done;
    } finally {
      this.waiting -= 1;
    }
  }
}

const COPY_NAME = 'snapshot.duckdb';

function ended(message: string): SqlProblem {
  return { kind: 'problem', message, place: null };
}

const TOO_MUCH =
  'The process of the query was ended by the operating system, most likely because it needed more memory than it may have. Ask for less, or use the command "query".';

const REPLACED = 'A newer snapshot has just been published. Try again.';

const NO_LIMITS =
  'Queries run only where the operating system limits what their process may write: on Linux with /bin/sh. Use the command "query" or any DuckDB over the snapshot.';
