/**
 * SQL that converts a value to text where the package `duckdb` would lose a part of it: it returns
 * decimals as floating point numbers, and times as dates with whole milliseconds.
 */
import { identifier } from '../../../duckdb/sql-text';
import type { ColumnType } from './duckdb-async-package';

/**
 * Types whose values the package returns exactly. It returns UUIDs, enums and bit strings as text
 * itself.
 */
const EXACT_TYPES: ReadonlySet<string> = new Set([
  'SQLNULL',
  'BOOLEAN',
  'TINYINT',
  'SMALLINT',
  'INTEGER',
  'BIGINT',
  'HUGEINT',
  'UTINYINT',
  'USMALLINT',
  'UINTEGER',
  'UBIGINT',
  'UHUGEINT',
  'FLOAT',
  'DOUBLE',
  'VARCHAR',
  'UUID',
  'ENUM',
  'BIT',
  'INTERVAL',
]);

/** Types that JSON represents exactly. Values of all other types become JSON strings. */
const EXACT_JSON_TYPES: ReadonlySet<string> = new Set([
  'BOOLEAN',
  'TINYINT',
  'SMALLINT',
  'INTEGER',
  'UTINYINT',
  'USMALLINT',
  'UINTEGER',
  'DOUBLE',
]);

const NESTED_TYPES: ReadonlySet<string> = new Set(['LIST', 'STRUCT', 'MAP', 'ARRAY', 'UNION']);

/** Whether the package returns the values of a column exactly. */
export function isExact({ id }: ColumnType): boolean {
  return EXACT_TYPES.has(id);
}

/**
 * An SQL expression that returns `value`, itself an expression, without loss: nested types as JSON,
 * others in DuckDB's notation.
 */
export function exactText(value: string, type: ColumnType): string {
  if (isExact(type)) return value;
  if (NESTED_TYPES.has(type.id)) return `to_json(${jsonExpression(value, type)})::VARCHAR`;
  return `${value}::VARCHAR`;
}

/** @param depth distinguishes the parameters of nested lambdas. */
function jsonExpression(value: string, type: ColumnType, depth = 1): string {
  const { id, child, children, key } = type;
  const element = `e${depth}`;
  const nestedExpression = (part: string, partType: ColumnType): string =>
    jsonExpression(part, partType, depth + 1);
  // Through text: a FLOAT that becomes a DOUBLE has the digits of the DOUBLE.
  if (id === 'FLOAT') return `${value}::VARCHAR::DOUBLE`;
  if (id === 'LIST' && child !== undefined)
    return `list_transform(${value}, ${element} -> ${nestedExpression(element, child)})`;
  if (id === 'MAP' && key !== undefined && type.value !== undefined)
    return `list_transform(map_entries(${value}), ${element} -> {'key': ${nestedExpression(`${element}.key`, key)}, 'value': ${nestedExpression(`${element}.value`, type.value)}})`;
  if (id === 'STRUCT' && children?.every(({ name }) => name !== '') === true)
    return `CASE WHEN ${value} IS NOT NULL THEN struct_pack(${children
      .map(({ name, type: part }) => {
        const field = identifier(name);
        return `${field} := ${nestedExpression(`${value}.${field}`, part)}`;
      })
      .join(', ')}) END`;
  return EXACT_JSON_TYPES.has(id) || NESTED_TYPES.has(id) ? value : `${value}::VARCHAR`;
}
