/** What `models` prints. */
import { cut } from '../contract/markdown';
import type { ModelBuild, Preview } from '../models/build-models';
import { asTable } from './result-table';
import { printable } from './terminal';

/** How much of a bad row is printed. The table `check_result` has more of it. */
const MAX_EXAMPLE_BYTES = 120;

/** The mistakes, each with its file, line and column. What was skipped for them is one line too. */
export function mistakesIn({ models, checks }: ModelBuild): readonly string[] {
  return [...models, ...checks].flatMap(({ error }) => (error === null ? [] : [printable(error)]));
}

/** A table of the files that were read. */
export function checkText({ models, checks }: ModelBuild): string {
  return tableOf(
    ['name', 'file', 'needs', 'state'],
    [
      ...models.map(({ name, file, needs, state }) => [name, file, needs.join(', '), state]),
      ...checks.map(({ name, file, state }) => [name, file, '', state]),
    ],
  );
}

/** The first rows of each table, then what became of each model and each check. */
export function buildText({ models, checks }: ModelBuild): string {
  const previews = models.flatMap(({ name, doc, rows, preview }) =>
    preview === null || preview.rows.length === 0
      ? []
      : [`${name}, ${firstOf(preview, rows ?? 0)}. ${printable(doc ?? '')}\n${asTable(preview)}\n`],
  );
  const built = tableOf(
    ['model', 'file', 'rows', 'bytes', 'seconds', 'state'],
    models.map(({ name, file, rows, bytes, seconds, state }) => [
      name,
      file,
      numberText(rows),
      numberText(bytes),
      numberText(seconds),
      state,
    ]),
  );
  const asked = tableOf(
    ['check', 'file', 'state', 'bad rows', 'example'],
    checks.map(({ name, file, state, badRows, example }) => [
      name,
      file,
      state,
      numberText(badRows),
      cut(example ?? '', MAX_EXAMPLE_BYTES),
    ]),
  );
  return [...previews, built, checks.length === 0 ? '' : asked].join('');
}

function firstOf({ rows }: Preview, rowCount: number): string {
  if (rows.length < rowCount) return `the first ${rows.length} of ${rowCount} rows`;
  return rowCount === 1 ? '1 row' : `${rowCount} rows`;
}

function numberText(value: number | null): string {
  return value === null ? '' : String(value);
}

function tableOf(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  return asTable({
    columns: titles.map((name) => ({ name, type: 'VARCHAR' })),
    rows: rows.map((row) =>
      Object.fromEntries(titles.map((name, index) => [name, row[index] ?? ''])),
    ),
  });
}
