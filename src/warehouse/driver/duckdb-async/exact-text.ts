/**
 * SQL that asks for a value as text where the package `duckdb` would lose some of it:
 * it gives decimals as floating point numbers, and times as dates of whole milliseconds.
 */
import { identifier } from '../database';
import type { ColumnType } from './duckdb-async-package';

/** Types whose values come whole. The package gives UUIDs, enums and bit strings as text by itself. */
const WHOLE: ReadonlySet<string> = new Set([
  'SQLNULL',
  'BOOLEAN',
  ...['TINYINT', 'SMALLINT', 'INTEGER', 'BIGINT', 'HUGEINT'],
  ...['UTINYINT', 'USMALLINT', 'UINTEGER', 'UBIGINT', 'UHUGEINT'],
  ...['FLOAT', 'DOUBLE', 'VARCHAR', 'UUID', 'ENUM', 'BIT', 'INTERVAL'],
]);

/** Types that JSON holds as they are; all others become JSON strings. */
const WHOLE_IN_JSON: ReadonlySet<string> = new Set([
  'BOOLEAN',
  ...['TINYINT', 'SMALLINT', 'INTEGER', 'UTINYINT', 'USMALLINT', 'UINTEGER', 'FLOAT', 'DOUBLE'],
]);

const NESTED: ReadonlySet<string> = new Set(['LIST', 'STRUCT', 'MAP', 'ARRAY', 'UNION']);

/** Whether a column can be read as it is. */
export function isWhole({ id }: ColumnType): boolean {
  return WHOLE.has(id);
}

/** An expression for `value` (an expression itself) that comes whole: nested types as JSON, others as DuckDB writes them. */
export function exactText(value: string, type: ColumnType): string {
  if (isWhole(type)) return value;
  if (NESTED.has(type.id)) return `to_json(${inJson(value, type)})::VARCHAR`;
  return `${value}::VARCHAR`;
}

/** `depth` tells the parameters of nested lambdas apart. */
function inJson(value: string, type: ColumnType, depth = 1): string {
  const { id, child, children, key } = type;
  const element = `e${depth}`;
  const of = (part: string, partType: ColumnType): string => inJson(part, partType, depth + 1);
  if (id === 'LIST' && child !== undefined)
    return `list_transform(${value}, ${element} -> ${of(element, child)})`;
  if (id === 'MAP' && key !== undefined && type.value !== undefined)
    return `list_transform(map_entries(${value}), ${element} -> {'key': ${of(`${element}.key`, key)}, 'value': ${of(`${element}.value`, type.value)}})`;
  if (id === 'STRUCT' && children?.every(({ name }) => name !== '') === true)
    return `CASE WHEN ${value} IS NOT NULL THEN struct_pack(${children
      .map(({ name, type: part }) => {
        const field = identifier(name);
        return `${field} := ${of(`${value}.${field}`, part)}`;
      })
      .join(', ')}) END`;
  return WHOLE_IN_JSON.has(id) || NESTED.has(id) ? value : `${value}::VARCHAR`;
}
