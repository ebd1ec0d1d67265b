/**
 * Finds out which models each file needs, and what is wrong with a file before anything is built.
 */
import type { DuckDBConnection } from '@duckdb/node-api';
import type { ModelFile, ModelJob } from '../model-job';
import { orderModels } from '../order-models';
import { OWN_RELATIONS } from '../own-relations';
import { ABSENT_TABLES } from './model-connection';
import { parseQuery, type ParsedQuery, type TableName } from '../../processes/query/parse-query';
import { problemText } from '../../processes/query/query-error';

/** A file with the models that it needs. */
export interface AnalysedFile extends Omit<ModelFile, 'needs' | 'mistake'> {
  readonly needs: readonly string[];
  /**
   * Only a build can tell its columns: those of a PIVOT depend on the data, and a table that no
   * step has published yet has none.
   */
  readonly isForBuild: boolean;
  /** With its place; such a file is not built. */
  readonly mistake: string | null;
}

/**
 * Parses the files and puts them in order: models, each after those that it needs, then checks.
 * Files in a cycle come first, with a mistake that names the cycle.
 */
export async function analyseFiles(
  connection: DuckDBConnection,
  files: readonly ModelFile[],
  mode: ModelJob['mode'],
): Promise<readonly AnalysedFile[]> {
  const names = modelNames(files);
  const former = await formerModels(connection, names);
  const relations = mode === 'names' ? await knownRelations(connection, names) : null;
  const published = mode === 'bind' ? await publishedRelations(connection) : null;
  const analysed: AnalysedFile[] = [];
  for (const file of files)
    analysed.push(await analyse(connection, file, { names, former, relations, published }));
  return inOrder(analysed);
}

/**
 * A file with the name of one of our tables is a mistake, and what reads that table needs no model.
 */
function modelNames(files: readonly ModelFile[]): ReadonlySet<string> {
  const models = files.filter(({ kind }) => kind === 'model').map(({ name }) => name.toLowerCase());
  return new Set(models.filter((name) => !OWN_RELATIONS.has(name)));
}

interface KnownNames {
  /** The models of this build. */
  readonly names: ReadonlySet<string>;
  /** Models that the snapshot has, and that are no files any more. */
  readonly former: ReadonlySet<string>;
  /** All that can be read without a schema; null where the snapshot knows better. */
  readonly relations: ReadonlySet<string> | null;
  /** The tables and views of the snapshot, where more will be published; null otherwise. */
  readonly published: ReadonlySet<string> | null;
}

/** The models, the tables of every snapshot, and DuckDB's own views. */
async function knownRelations(
  connection: DuckDBConnection,
  names: ReadonlySet<string>,
): Promise<ReadonlySet<string>> {
  const views = await connection.runAndReadAll(
    'SELECT view_name FROM duckdb_views() WHERE internal',
  );
  return new Set([...names, ...OWN_RELATIONS, ...views.getRows().map(([name]) => String(name))]);
}

async function publishedRelations(connection: DuckDBConnection): Promise<ReadonlySet<string>> {
  const relations = await connection.runAndReadAll(
    `SELECT table_name FROM duckdb_tables() WHERE database_name = 'snapshot'
     UNION ALL SELECT view_name FROM duckdb_views() WHERE database_name = 'snapshot'`,
  );
  return new Set(relations.getRows().map(([name]) => String(name).toLowerCase()));
}

/** A name that is a model no more would otherwise be found in the snapshot, with old rows. */
async function formerModels(
  connection: DuckDBConnection,
  names: ReadonlySet<string>,
): Promise<ReadonlySet<string>> {
  const tables = await connection.runAndReadAll(
    "SELECT 1 FROM duckdb_tables() WHERE database_name = 'snapshot' AND table_name = 'model'",
  );
  if (tables.currentRowCount === 0) return new Set();
  const rows = await connection.runAndReadAll('SELECT name FROM snapshot.main.model');
  const former = rows.getRows().map(([name]) => String(name).toLowerCase());
  return new Set(former.filter((name) => !names.has(name)));
}

async function analyse(
  connection: DuckDBConnection,
  file: ModelFile,
  known: KnownNames,
): Promise<AnalysedFile> {
  const { needs: declared, mistake, ...rest } = file;
  const wrong = mistake ?? unknownNeed(file, known);
  if (wrong !== null) return { ...rest, needs: [], isForBuild: false, mistake: wrong };
  const parsed = await parseQuery(connection, file.text);
  const tables = parsed.kind === 'select' ? parsed.tables : [];
  const read = tables.filter((table) => isOfBuild(table) && known.names.has(table.name));
  const needs = new Set([
    ...declared.filter((name) => known.names.has(name)),
    ...read.map(({ name }) => name),
  ]);
  return {
    ...rest,
    needs: [...needs].sort(),
    isForBuild: parsed.kind === 'other' || tables.some((table) => isToBePublished(table, known)),
    mistake: mistakeIn(file, parsed, known),
  };
}

/** A name of our tables is no mistake: they are there before any model is. */
function unknownNeed(file: ModelFile, { names }: KnownNames): string | null {
  const unknown = file.needs.find((name) => !names.has(name) && !OWN_RELATIONS.has(name));
  if (unknown === undefined) return null;
  const message = `Its line \`-- needs:\` names ${unknown}, and there is no such model.`;
  return problemText(file, { message, offset: null });
}

/** A table that names the snapshot is what was published last, also when it is a model. */
function isOfBuild({ schema }: TableName): boolean {
  return schema === null || schema === 'derived' || schema === 'derived.main';
}

/** A table that the package or a model makes, and that the snapshot does not have yet. */
function isToBePublished({ name, schema }: TableName, { names, published }: KnownNames): boolean {
  if (published === null || published.has(name)) return false;
  if (schema === null) return OWN_RELATIONS.has(name) && !ABSENT_TABLES.has(name);
  const isOfSnapshot = schema === 'snapshot' || schema === 'snapshot.main';
  return isOfSnapshot && (OWN_RELATIONS.has(name) || names.has(name));
}

function mistakeIn(
  file: ModelFile,
  parsed: ParsedQuery,
  { former, relations }: KnownNames,
): string | null {
  switch (parsed.kind) {
    case 'wrong':
      return problemText(file, parsed.problem);
    case 'other':
      return mistakeOfOther(file);
    case 'select': {
      const read = parsed.tables.filter(({ schema }) => schema === null);
      const gone = read.find(({ name }) => former.has(name));
      if (gone !== undefined) return problemText(file, { ...gone, message: goneText(gone.name) });
      const unknown = read.find(({ name }) => relations !== null && !relations.has(name));
      if (unknown === undefined) return null;
      const message = `There is no table or model named ${unknown.name}.`;
      return problemText(file, { ...unknown, message });
    }
  }
}

function goneText(name: string): string {
  return `${name} was a model and is none any more. \`snapshot.${name}\` reads what was published last.`;
}

/**
 * DuckDB serializes no PIVOT whose columns depend on the data, and no statement but a SELECT.
 * Without a semicolon the text cannot end the `CREATE TABLE … AS` that is put before it, and only a
 * query may follow that.
 */
function mistakeOfOther(file: ModelFile): string | null {
  const problem = (message: string): string => problemText(file, { message, offset: null });
  if (!file.declaresNeeds)
    return problem(
      'This is no SELECT whose tables can be read from it. A file has one query and no other statement, such as CREATE, INSTALL or SET. If it is a query with PIVOT, name the models that it needs in a first line `-- needs: a, b` (`-- needs:` for none).',
    );
  return file.text.includes(';')
    ? problem('A file with PIVOT may contain no semicolon, neither at its end nor in a comment.')
    : null;
}

function inOrder(files: readonly AnalysedFile[]): readonly AnalysedFile[] {
  const models = files.filter(({ kind }) => kind === 'model');
  const byName = new Map(models.map((file) => [file.name, file]));
  const { order, cycles } = orderModels(new Map(models.map(({ name, needs }) => [name, needs])));
  const inCycles = cycles.flatMap((cycle) =>
    cycle.slice(1).flatMap((name) => {
      const file = byName.get(name);
      if (file === undefined) return [];
      const message = `It needs itself: ${cycle.join(' → ')}.`;
      return [{ ...file, mistake: file.mistake ?? problemText(file, { message, offset: null }) }];
    }),
  );
  const ordered = order.flatMap((name) => byName.get(name) ?? []);
  return [...inCycles, ...ordered, ...files.filter(({ kind }) => kind === 'check')];
}
