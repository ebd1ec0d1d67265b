/** Finds out which models each file needs, and what is wrong with a file before anything is built. */
import type { DuckDBConnection } from '@duckdb/node-api';
import type { ModelFile } from '../model-job';
import { orderModels } from '../order-models';
import { parseQuery, type ParsedQuery, type TableName } from './parse-query';
import { problemText } from './query-error';

/** A file with the models that it needs. */
export interface AnalysedFile extends Omit<ModelFile, 'needs' | 'mistake'> {
  readonly needs: readonly string[];
  /** A PIVOT whose columns depend on the data. */
  readonly isPivot: boolean;
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
): Promise<readonly AnalysedFile[]> {
  const names = new Set(
    files.filter(({ kind }) => kind === 'model').map(({ name }) => name.toLowerCase()),
  );
  const former = await formerModels(connection, names);
  const analysed: AnalysedFile[] = [];
  for (const file of files) analysed.push(await analyse(connection, file, { names, former }));
  return inOrder(analysed);
}

interface KnownNames {
  /** The models of this build. */
  readonly names: ReadonlySet<string>;
  /** Models that the snapshot has, and that are no files any more. */
  readonly former: ReadonlySet<string>;
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
  if (mistake !== null) return { ...rest, needs: [], isPivot: false, mistake };
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
    isPivot: parsed.kind === 'other',
    mistake: mistakeIn(file, parsed, known.former),
  };
}

/** A table that names the snapshot is what was published last, also when it is a model. */
function isOfBuild({ schema }: TableName): boolean {
  return schema === null || schema === 'derived' || schema === 'derived.main';
}

function mistakeIn(
  file: ModelFile,
  parsed: ParsedQuery,
  former: ReadonlySet<string>,
): string | null {
  switch (parsed.kind) {
    case 'wrong':
      return problemText(file, parsed.problem);
    case 'other':
      return mistakeOfOther(file);
    case 'select': {
      const gone = parsed.tables.find(({ schema, name }) => schema === null && former.has(name));
      if (gone === undefined) return null;
      return problemText(file, {
        message: `${gone.name} was a model and is none any more. \`snapshot.${gone.name}\` reads what was published last.`,
        offset: gone.offset,
      });
    }
  }
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
      'This is no SELECT whose tables can be read from it. If it is a query with PIVOT, name the models that it needs in a first line `-- needs: a, b` (`-- needs:` for none).',
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
