/** Builds the tables of models one after another, and asks the checks. */
import type { DuckDBConnection } from '@duckdb/node-api';
import { StepError } from '../../contract/errors';
import { identifier, literal } from '../../duckdb/sql-text';
import { queryNumber } from '../../processes/locked-database';
import { asStepError } from '../../processes/process-failure';
import type { BuiltModel, CheckResult, ModelBuild, ModelJob, Preview } from '../model-job';
import type { AnalysedFile } from './analyse-files';
import { problemOf, problemText, type QueryProblem } from '../../processes/query/query-error';

/** How much of a value is shown, in characters. */
const MAX_CELL = 200;
const MAX_EXAMPLE = 2_000;

export type BuildOptions = Pick<ModelJob, 'mode' | 'previewRows' | 'secondsPerModel'>;

/** @param files in the order in which they are to be built. */
export async function buildTables(
  connection: DuckDBConnection,
  files: readonly AnalysedFile[],
  options: BuildOptions,
): Promise<ModelBuild> {
  const models = new Map<string, BuiltModel>();
  const checks: CheckResult[] = [];
  for (const file of files) {
    const runner = { connection, file, options, missing: missingNeed(file, models) };
    if (file.kind === 'check') checks.push(await askCheck(runner));
    else models.set(file.name, await buildModel(runner));
  }
  return { models: [...models.values()], checks, isReused: false };
}

interface Runner {
  readonly connection: DuckDBConnection;
  readonly file: AnalysedFile;
  readonly options: BuildOptions;
  /** A model that the file needs and that has no table. */
  readonly missing: BuiltModel | null;
}

function missingNeed(
  file: AnalysedFile,
  models: ReadonlyMap<string, BuiltModel>,
): BuiltModel | null {
  const needs = file.needs.map((name) => models.get(name));
  const missing = needs.find(
    (model) => model !== undefined && model.state !== 'built' && model.state !== 'checked',
  );
  return missing ?? null;
}

async function buildModel(runner: Runner): Promise<BuiltModel> {
  const { file, missing, options } = runner;
  const { name, doc, needs } = file;
  const unbuilt = { rows: null, bytes: null, seconds: null, error: null, preview: null };
  const model = { name, file: file.file, doc, needs: [...needs], ...unbuilt };
  if (file.mistake !== null) return { ...model, state: 'failed', error: file.mistake };
  if (missing !== null) return { ...model, ...withoutNeed(file, missing) };
  try {
    if (options.mode === 'names') return { ...model, state: 'unchecked' };
    if (options.mode !== 'build') return { ...model, state: await bindModel(runner) };
    return { ...model, ...(await fillTable(runner)), state: 'built' };
  } catch (error) {
    if (!(error instanceof QueryFailed)) throw error;
    return { ...model, state: 'failed', error: error.message };
  }
}

function withoutNeed(
  file: AnalysedFile,
  missing: BuiltModel,
): { readonly state: 'skipped' | 'unchecked'; readonly error: string | null } {
  if (missing.state === 'unchecked') return { state: 'unchecked', error: null };
  const message = `It needs ${missing.name}, which has ${missing.state === 'failed' ? 'failed' : 'been skipped'}.`;
  return { state: 'skipped', error: problemText(file, { message, offset: null }) };
}

/** A query that cannot be done. The message begins with its place. */
class QueryFailed extends Error {
  override readonly name = 'QueryFailed';
}

/** Gives the names and types of the columns to an empty table, so that other files can be bound. */
async function bindModel(runner: Runner): Promise<'checked' | 'unchecked'> {
  const { connection, file } = runner;
  if (file.isForBuild) return 'unchecked';
  const columns = await boundColumns(runner);
  try {
    await connection.run(
      `CREATE TABLE derived.main.${identifier(file.name)} (${columns.join(', ')})`,
    );
    return 'checked';
  } catch {
    // Two columns of one name, which `CREATE TABLE … AS` numbers, or a type that cannot be written.
    return 'unchecked';
  }
}

/** Binds the statement of the build too, which takes less than a query does. */
async function boundColumns(runner: Runner): Promise<readonly string[]> {
  const { connection, file } = runner;
  const ofBuild = await runLimited(runner, statementStart(file), (sql) => connection.prepare(sql));
  const isOpen = ofBuild.parameterCount > 0;
  ofBuild.destroySync();
  if (isOpen) throw failure(file, { message: PARAMETERS, offset: null, kind: '' });
  const bound = await runLimited(runner, '', (sql) => connection.prepare(sql));
  const columns = Array.from(
    { length: bound.columnCount },
    (_, index) =>
      `${identifier(bound.columnName(index))} ${typeText(String(bound.columnType(index)))}`,
  );
  bound.destroySync();
  return columns;
}

const PARAMETERS = 'It has parameters (? or $name), and nothing gives them values.';

/** What is put before the query of the file when it is built. */
function statementStart({ kind, name }: Pick<AnalysedFile, 'kind' | 'name'>): string {
  return kind === 'check'
    ? 'CREATE TEMP TABLE bad_rows AS\n'
    : `CREATE TABLE derived.main.${identifier(name)} AS\n`;
}

/** A column of NULLs has no type of its own until it is stored. */
function typeText(type: string): string {
  return type === 'SQLNULL' || type === '"NULL"' ? 'INTEGER' : type;
}

async function fillTable(
  runner: Runner,
): Promise<Pick<BuiltModel, 'rows' | 'bytes' | 'seconds' | 'preview'>> {
  const { connection, file, options } = runner;
  const table = `derived.main.${identifier(file.name)}`;
  const startedAt = performance.now();
  await runLimited(runner, statementStart(file), (sql) => connection.run(sql));
  const seconds = Math.round(performance.now() - startedAt) / 1_000;
  await connection.run('CHECKPOINT derived');
  const rows = await queryNumber(connection, `SELECT count(*) FROM ${table}`);
  const bytes = await storedBytes(connection, table);
  return { rows, bytes, seconds, preview: await firstRows(connection, table, options.previewRows) };
}

async function askCheck(runner: Runner): Promise<CheckResult> {
  const { file, missing, options } = runner;
  const { name, doc } = file;
  const result = { name, file: file.file, doc, badRows: null, example: null, error: null };
  if (file.mistake !== null) return { ...result, state: 'error', error: file.mistake };
  if (missing !== null) return { ...result, ...withoutNeed(file, missing) };
  if (options.mode === 'names') return { ...result, state: 'unchecked' };
  try {
    if (options.mode !== 'build') {
      if (file.isForBuild) return { ...result, state: 'unchecked' };
      await boundColumns(runner);
      return { ...result, state: 'checked' };
    }
    return { ...result, ...(await badRows(runner)) };
  } catch (error) {
    if (!(error instanceof QueryFailed)) throw error;
    return { ...result, state: 'error', error: error.message };
  }
}

async function badRows(
  runner: Runner,
): Promise<Pick<CheckResult, 'state' | 'badRows' | 'example'>> {
  const { connection, file } = runner;
  await runLimited(runner, statementStart(file), (sql) => connection.run(sql));
  const count = await queryNumber(connection, 'SELECT count(*) FROM temp.main.bad_rows');
  const example = count === 0 ? null : await firstBadRow(connection);
  await connection.run('DROP TABLE temp.main.bad_rows');
  if (example === null) return { state: 'passed', badRows: 0, example };
  return { state: file.isWarning ? 'warned' : 'failed', badRows: count, example };
}

/** The first row as JSON. In JSON, DuckDB writes a FLOAT of 0.3 as 0.30000001192092896. */
async function firstBadRow(connection: DuckDBConnection): Promise<string> {
  const floats = await connection.runAndReadAll(
    "SELECT column_name FROM (DESCRIBE temp.main.bad_rows) WHERE column_type = 'FLOAT'",
  );
  const short = floats.getRows().map(([name]) => {
    const column = identifier(String(name));
    return `${column}::VARCHAR::DOUBLE AS ${column}`;
  });
  const replaced = short.length === 0 ? '' : `REPLACE (${short.join(', ')})`;
  const first = await connection.runAndReadAll(
    `SELECT left(to_json(bad_row)::VARCHAR, ${MAX_EXAMPLE})
     FROM (SELECT * ${replaced} FROM temp.main.bad_rows LIMIT 1) AS bad_row`,
  );
  return String(first.getRows()[0]?.[0]);
}

/** How long DuckDB may take to end a query that was interrupted. It needs milliseconds. */
const INTERRUPT_MS = 15_000;

/**
 * Runs or binds the query of the file within its time.
 *
 * @param prefix what is put before it.
 * @throws QueryFailed; StepError disk_* when the disk fails, which no other file of the user helps;
 *   StepError `model_failed` for a query that goes on when it is interrupted, as a function does
 *   that computes one value: only the end of the process ends it.
 */
async function runLimited<T>(
  { connection, file, options }: Runner,
  prefix: string,
  run: (sql: string) => Promise<T>,
): Promise<T> {
  const limitMs = options.secondsPerModel * 1_000;
  const interrupt = setTimeout(() => {
    connection.interrupt();
  }, limitMs);
  let giveUp: NodeJS.Timeout | undefined;
  const endless = new Promise<never>((_resolve, reject) => {
    giveUp = setTimeout(() => {
      reject(new StepError('model_failed', problemText(file, tooLong(options))));
    }, limitMs + INTERRUPT_MS);
  });
  try {
    return await Promise.race([run(`${prefix}${file.text}`), endless]);
  } catch (error) {
    if (error instanceof StepError) throw error;
    const problem = problemOf(error, { prefix, text: file.text });
    if (problem.kind === 'IO') throwDiskError(file, problem);
    throw failure(file, problem.kind === 'INTERRUPT' ? tooLong(options) : problem);
  } finally {
    clearTimeout(interrupt);
    clearTimeout(giveUp);
  }
}

/** The file is named, because its own result may be what has filled the disk. */
function throwDiskError(file: AnalysedFile, problem: QueryProblem): void {
  const { code, message } = asStepError(new Error(problemText(file, problem)), 'input');
  if (code.startsWith('disk_')) throw new StepError(code, message);
}

function tooLong({ secondsPerModel }: BuildOptions): QueryProblem {
  const message = `It was interrupted after ${secondsPerModel} s. Make it faster, or give it more time with ARTEMIS_MODEL_SECONDS.`;
  return { message, offset: null, kind: 'INTERRUPT' };
}

function failure(file: AnalysedFile, problem: QueryProblem): QueryFailed {
  return new QueryFailed(problemText(file, problem));
}

/** The size of the blocks that the table has parts in. Small tables share a block with others. */
function storedBytes(connection: DuckDBConnection, table: string): Promise<number> {
  return queryNumber(
    connection,
    `WITH segments AS (FROM pragma_storage_info(${literal(table)})),
       blocks AS (
         SELECT block_id FROM segments UNION SELECT unnest(additional_block_ids) FROM segments)
     SELECT count(*) FILTER (block_id >= 0) * any_value(block_size)
     FROM blocks, (SELECT block_size FROM pragma_database_size() WHERE database_name = 'derived')`,
  );
}

async function firstRows(
  connection: DuckDBConnection,
  table: string,
  rowCount: number,
): Promise<Preview> {
  const types = await connection.runAndReadAll(
    `SELECT column_name, column_type FROM (DESCRIBE ${table})`,
  );
  const columns = types
    .getRows()
    .map(([name, type]) => ({ name: String(name), type: String(type) }));
  const rows = await connection.runAndReadAll(
    `SELECT left(COLUMNS(*)::VARCHAR, ${MAX_CELL}) FROM ${table} LIMIT ${rowCount}`,
  );
  return {
    columns,
    rows: rows.getRows().map((row) =>
      Object.fromEntries(
        columns.map(({ name }, index) => {
          const value = row[index] ?? null;
          return [name, value === null ? null : String(value)];
        }),
      ),
    ),
  };
}
