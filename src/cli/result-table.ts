/** Query results as a table. */
import Table from 'cli-table3';
import type { Result, Value } from '../warehouse/snapshot/query-snapshot';
import { printable } from './terminal';

/** A table in plain characters. */
export function asTable({ columns, rows }: Result): string {
  const table = new Table({
    head: columns.map(({ name }) => printable(name)),
    style: { head: [], border: [] },
  });
  for (const row of rows) table.push(columns.map(({ name }) => valueText(row[name] ?? null)));
  return `${table.toString()}\n`;
}

function valueText(value: Value): string {
  return value === null ? '' : printable(String(value));
}
