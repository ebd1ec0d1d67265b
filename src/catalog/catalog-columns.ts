/**
 * The catalog's column names: checked, and turned into the names that catalog.parquet gives them.
 */
import { shellWord } from '../contract/commands/shell-word';
import { StepError } from '../contract/errors';
import { identifier, literal } from '../duckdb/sql-text';
import { closestName } from './closest-name';
import type { ColumnPath } from './records/column-path';
import type { ImageRows } from './records/image-rows';

/** Our own columns of catalog.parquet, in order. */
export const OWN_COLUMNS = ['source_image_id', 'record', 'thumb_url'] as const;
/** Ours too, where an object of the catalog may have several images. */
export const OBJECT_COLUMNS = ['object_id', 'image_number', 'url_column'] as const;

/** More is no listing of images. Names in messages are cut likewise. */
const MOST_COLUMNS = 2_000;
const NAMES_SHOWN = 50;

/**
 * What the catalog's columns are called in catalog.parquet: `catalog_<name>` when the name is ours,
 * `column_<n>` when they have none, and `<name>_1`, `<name>_2`, … when an earlier column has the
 * name, but for upper and lower case. A column that the input asks for keeps its name.
 */
export function targetNames(
  columns: readonly string[],
  own: ReadonlySet<string>,
  wanted: readonly string[],
): readonly string[] {
  const plain = columns.map((name, index) => {
    if (name === '') return `column_${index + 1}`;
    return own.has(name.toLowerCase()) ? `catalog_${name}` : name;
  });
  const used = new Set(own);
  const names: string[] = [];
  const nameColumn = (index: number): void => {
    const name = unusedName(plain[index] ?? '', used);
    used.add(name.toLowerCase());
    names[index] = name;
  };
  const first = wanted.map((name) => columns.indexOf(name)).filter((index) => index >= 0);
  for (const index of new Set(first)) nameColumn(index);
  for (const index of columns.keys()) if (names[index] === undefined) nameColumn(index);
  return names;
}

function unusedName(name: string, used: ReadonlySet<string>): string {
  let candidate = name;
  for (let n = 1; used.has(candidate.toLowerCase()); n += 1) candidate = `${name}_${n}`;
  return candidate;
}

/**
 * The catalog does not have the columns that the input asks for, or has several of one name. Other
 * names help then, without another file.
 */
export class ColumnsNotFound extends StepError {
  constructor(message: string) {
    super('catalog_columns', message);
  }
}

/**
 * Checks names that have been trimmed.
 *
 * @throws StepError `catalog_columns` with what was expected and what was found, and with
 *   `furtherHint`: {@link ColumnsNotFound} unless the names cannot be columns at all.
 */
export function checkColumns(
  found: readonly string[],
  wanted: ImageRows,
  name: string,
  furtherHint = '',
): void {
  const paths = [...wanted.idPaths, ...wanted.urlPaths];
  const unusable = firstProblem(found);
  if (found.length > MOST_COLUMNS) throw tooManyColumns(found, wanted, name);
  const problem = unusable ?? repeated(found, wanted.singlePaths) ?? absent(found, paths);
  if (problem === null) return;
  if (unusable !== null)
    throw new StepError(
      'catalog_columns',
      `The catalog ${name} does not begin with the names of columns: ${unusable}. Is it a text file, and is \`encoding\` right?`,
    );
  const message = `The catalog ${name}: ${problem}. Expected: ${list(paths.map(({ text }) => text))} (${wanted.idPaths.length === 0 ? 'URL' : 'id, URL'}). Found: ${list(found)}. Names must match exactly: set \`columns\` (--id-column, --url-column) to the catalog's own, or correct its header.${hint(found, wanted)}${furtherHint}`;
  throw new ColumnsNotFound(message);
}

/** DuckDB reads such tables; JSON whose records have names of their own gets here, too. */
function tooManyColumns(
  found: readonly string[],
  { idPaths, urlPaths }: ImageRows,
  name: string,
): StepError {
  const asked = [...idPaths, ...urlPaths].map(({ text }) => text);
  const needed = asked.filter((text) => found.includes(text));
  const columns = (needed.length > 0 ? needed : ['ID', 'URL']).map(identifier).join(', ');
  const sql = `COPY (SELECT ${columns} FROM ${literal(name)}) TO 'works.parquet'`;
  return new StepError(
    'catalog_columns',
    `The catalog ${name} has more than ${MOST_COLUMNS} columns. Write those that you need into another file, for example by duckdb -c ${shellWord(sql)} and run with that. If these are no columns, is it a text file, and are \`encoding\` and \`delimiter\` right?`,
  );
}

/** False while a catalog is inspected, whose columns are not known. */
export function asksForColumns({ idPaths, urlPaths }: ImageRows): boolean {
  return idPaths.length + urlPaths.length > 0;
}

/** Whether every column that the input asks for is among these names. */
export function hasColumns(found: readonly string[], wanted: ImageRows): boolean {
  return absent(found, [...wanted.idPaths, ...wanted.urlPaths]) === null;
}

/** Why the names cannot be columns, whatever is looked for; null when they can. */
function firstProblem(found: readonly string[]): string | null {
  const broken = found.find((name) => name.includes('\0') || /\p{Surrogate}/u.test(name));
  return broken === undefined ? null : `${shown(broken)} is no name`;
}

/** A column with ids, or with a part of URLs, must be the only one of its name. */
function repeated(found: readonly string[], paths: readonly ColumnPath[]): string | null {
  for (const path of paths) {
    const name = found[path.find((column) => indexIn(found, column))?.index ?? -1];
    const count = found.filter((other) => other === name).length;
    if (name !== undefined && count > 1) return `${count} columns are called ${shown(name)}`;
  }
  return null;
}

function absent(found: readonly string[], paths: readonly ColumnPath[]): string | null {
  const lacking = paths.filter((path) => path.find((column) => indexIn(found, column)) === null);
  if (lacking.length === 0) return null;
  const named = lacking.map(({ text }) => {
    const closest = closestName(text, found);
    return closest === null ? shown(text) : `${shown(text)} (the closest is ${shown(closest)})`;
  });
  return `no column ${named.join(' and ')}`;
}

/** What else helps when no column has the ids. */
function hint(found: readonly string[], { idPaths }: ImageRows): string {
  if (absent(found, idPaths) === null) return '';
  return ' Does no column hold ids? `idFrom` (--id-from url) makes them of the URLs.';
}

function indexIn(found: readonly string[], column: string): number | undefined {
  const index = found.indexOf(column);
  return index < 0 ? undefined : index;
}

function list(names: readonly string[]): string {
  const more = names.length > NAMES_SHOWN ? `, and ${names.length - NAMES_SHOWN} more` : '';
  return names.slice(0, NAMES_SHOWN).map(shown).join(', ') + more;
}

function shown(name: string): string {
  return JSON.stringify(name.slice(0, 100));
}
