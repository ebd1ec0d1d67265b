/** Runs one query of a user over a copy of the snapshot. */
import { StatementType } from '@duckdb/node-api';
import type { DuckDBConnection, DuckDBPreparedStatement } from '@duckdb/node-api';
import { literal } from '../../duckdb/sql-text';
import { openLockedConnection } from '../../processes/locked-database';
import { parseQuery } from '../../processes/query/parse-query';
import { problemOf, type QueryProblem } from '../../processes/query/query-error';
import { placeOf } from '../../processes/query/source-position';
import { MOST_FILE_BYTES, type QueryAnswer, type QueryJob, type SqlProblem } from '../sql/sql-job';
import { readFirstRows } from './first-rows';
import { writeResultFile } from './write-result-file';

/** DuckDB may hold this much in memory. Nothing that exceeds it is written to disk. */
const MEMORY = '256MB';

/** A mistake of the query, and no fault of the program. */
class QueryRefused extends Error {
  override readonly name = 'QueryRefused';

  constructor(readonly problem: QueryProblem) {
    super(problem.message);
  }
}

/**
 * Never fails because of the query: what is wrong with it is an answer.
 *
 * @throws StepError when the copy cannot be opened.
 */
export async function answerQuery(job: QueryJob): Promise<QueryAnswer> {
  const connection = await openCage(job.database);
  const timer = setTimeout(() => {
    connection.interrupt();
  }, job.seconds * 1_000);
  try {
    const prepared = await prepareSelect(connection, job.sql);
    if (job.kind === 'rows') return await readFirstRows(prepared);
    await writeResultFile(connection, job, prepared);
    return { kind: 'file' };
  } catch (error) {
    return problemAnswer(job, error);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * The copy is attached read-only. No other file can be opened but those of the working folder, to
 * which the operating system lets the process write nothing, or no more than the file of a result.
 */
async function openCage(database: string): Promise<DuckDBConnection> {
  const { connection } = await openLockedConnection({
    memory: MEMORY,
    threads: 1,
    folder: process.cwd(),
    files: [],
    before: async (one) => {
      await one.run(`ATTACH ${literal(database)} AS snapshot (READ_ONLY)`);
      await one.run('USE snapshot');
      await one.run("SET max_temp_directory_size = '0KB'");
      await one.run('SET errors_as_json = true');
    },
  });
  return connection;
}

/**
 * Accepts one SELECT only, by two ways: the parser serializes nothing else, and DuckDB says of what
 * kind the prepared statement is.
 *
 * @throws QueryRefused; the errors of DuckDB.
 */
async function prepareSelect(
  connection: DuckDBConnection,
  sql: string,
): Promise<DuckDBPreparedStatement> {
  const parsed = await parseQuery(connection, sql);
  if (parsed.kind === 'wrong') throw new QueryRefused(parsed.problem);
  if (parsed.kind === 'other') throw refused(ONE_SELECT);
  const statements = await connection.extractStatements(sql);
  if (statements.count !== 1) throw refused(ONE_SELECT);
  const prepared = await statements.prepare(0);
  if (prepared.statementType !== StatementType.SELECT) throw refused(ONE_SELECT);
  return prepared;
}

const ONE_SELECT =
  'Only one SELECT can be asked here (also FROM, WITH, VALUES, DESCRIBE, SUMMARIZE or SHOW TABLES). PIVOT needs its values in IN (…).';

function refused(message: string): QueryRefused {
  return new QueryRefused({ message, offset: null, kind: '' });
}

function problemAnswer({ sql, seconds }: QueryJob, error: unknown): SqlProblem {
  const { message, offset, kind } =
    error instanceof QueryRefused ? error.problem : problemOf(error, { prefix: '', text: sql });
  const [line = 1, column = 1] = placeOf(sql, offset).split(':').map(Number);
  return {
    kind: 'problem',
    message: messageOf(kind, message, seconds),
    place: offset === null ? null : { line, column },
  };
}

function messageOf(kind: string, message: string, seconds: number): string {
  if (kind === 'INTERRUPT') return `The query took longer than ${seconds} s.`;
  if (kind === 'IO' && message.includes('File too large')) return TOO_LARGE;
  return message;
}

const TOO_LARGE = `The file of the result would have more than ${MOST_FILE_BYTES / 1_000_000} MB. Ask for less, or use the command "query" or any DuckDB over the snapshot.`;
