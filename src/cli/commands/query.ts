/** `query SQL`: queries the snapshot. */
import { FORMULA_START } from '../../contract/spreadsheet-formula';
import type { Result, Value } from '../../warehouse/snapshot/query-snapshot';
import { querySnapshot } from '../../warehouse/snapshot/query-snapshot';
import type { CommandContext } from '../command-context';
import { EXIT, type ExitCode } from '../exit-codes';
import { asTable } from '../result-table';
import { UsageError } from '../usage-error';

/** @throws NoSnapshot; UsageError with DuckDB's message for a statement that it refuses. */
export async function query(
  { config, terminal }: CommandContext,
  options: { readonly sql: string; readonly format: 'table' | 'csv' | 'json' },
): Promise<ExitCode> {
  const { dataRoot, database } = config;
  const result = await querySnapshot({ dataRoot, sql: options.sql, database }).catch(asUsage);
  terminal.data(FORMATS[options.format](result));
  return EXIT.fine;
}

/** DuckDB's errors say what is wrong with the statement, which the user can correct. */
function asUsage(error: unknown): never {
  const { name, message } = error as Error;
  if (name === 'NoSnapshot' || name === 'DriverMissing') throw error;
  throw new UsageError(`the query was refused: ${message}`);
}

const FORMATS: Readonly<Record<'table' | 'csv' | 'json', (result: Result) => string>> = {
  table: asTable,
  csv: asCsv,
  json: ({ rows }) => `${JSON.stringify(rows, null, 2)}\n`,
};

const FORMULA = new RegExp(FORMULA_START);

/**
 * Formats a result as CSV. Text that a spreadsheet would run as a formula gets an apostrophe.
 *
 * @see RFC 4180
 */
function asCsv({ columns, rows }: Result): string {
  const lines = [columns.map(({ name }) => quoteCsv(name))];
  for (const row of rows) lines.push(columns.map(({ name }) => csvCell(row[name] ?? null)));
  return lines.map((line) => `${line.join(',')}\r\n`).join('');
}

function csvCell(value: Value): string {
  if (value === null) return '';
  if (typeof value !== 'string') return String(value);
  return quoteCsv(FORMULA.test(value) ? `'${value}` : value);
}

function quoteCsv(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
