/** What DuckDB's parser finds in a text of a user: that it is one SELECT, and what it reads. */
import type { DuckDBConnection } from '@duckdb/node-api';
import { literal } from '../../duckdb/sql-text';
import { byteOffset, type ByteOffset } from './source-position';
import type { QueryProblem } from './query-error';
import { refusedTableFunction } from './table-functions';

/** A name of a table in a query. */
export interface TableName {
  /** In lower case, as DuckDB compares names. */
  readonly name: string;
  /** Null when the query names none. */
  readonly schema: string | null;
  readonly offset: ByteOffset | null;
}

export type ParsedQuery =
  | { readonly kind: 'select'; readonly tables: readonly TableName[] }
  /** A statement that DuckDB does not serialize: a PIVOT, or none that is allowed. */
  | { readonly kind: 'other' }
  | { readonly kind: 'wrong'; readonly problem: QueryProblem };

/**
 * A query that calls a table function which does more than read is wrong.
 *
 * `getTableNames` is of no use here: for USING, PIVOT, unknown functions and syntax errors it
 * returns nothing.
 */
export async function parseQuery(connection: DuckDBConnection, text: string): Promise<ParsedQuery> {
  const nul = text.indexOf('\0');
  // DuckDB would take the text to end there.
  if (nul >= 0)
    return wrong(
      'There is a NUL character here. Save the text as UTF-8.',
      Buffer.byteLength(text.slice(0, nul)),
    );
  const answer = await connection.runAndReadAll(
    `SELECT json_serialize_sql(${literal(text)}, skip_null := true, skip_empty := true)`,
  );
  const serialized = JSON.parse(String(answer.getRows()[0]?.[0])) as Serialized;
  if (serialized.error) return failedParse(serialized, text);
  const { statements } = serialized;
  if (statements.length !== 1)
    return wrong(
      statements.length === 0
        ? 'There is no query.'
        : `There are ${statements.length} statements: write one SELECT.`,
    );
  const size = Buffer.byteLength(text);
  const refused = refusedTableFunction(statements);
  if (refused !== null) {
    const { name, offset } = refused;
    const message = `The function ${name} may not be called here: it may do more than read tables.`;
    return wrong(message, offset <= size ? offset : null);
  }
  const tables: TableName[] = [];
  collectTables(statements, new Set(), tables, size);
  return { kind: 'select', tables };
}

type Serialized =
  | { readonly error: false; readonly statements: readonly Node[] }
  | {
      readonly error: true;
      readonly error_type: string;
      readonly error_message: string;
      readonly position?: string;
    };

type Node = Readonly<Record<string, unknown>>;

function failedParse(
  failed: Extract<Serialized, { readonly error: true }>,
  text: string,
): ParsedQuery {
  if (failed.error_type === 'not implemented') return { kind: 'other' };
  // The parser counts characters; everywhere else DuckDB counts bytes.
  const offset = failed.position === undefined ? null : byteOffset(text, Number(failed.position));
  return wrong(`Parser error: ${failed.error_message}`, offset);
}

function wrong(message: string, offset: ByteOffset | null = null): ParsedQuery {
  return { kind: 'wrong', problem: { message, offset, kind: 'Parser' } };
}

/**
 * Collects the names of tables, without those of common table expressions where these apply.
 *
 * @param size of the text, in bytes. DuckDB gives a place beyond it for what has none.
 */
function collectTables(
  node: unknown,
  scope: ReadonlySet<string>,
  found: TableName[],
  size: number,
): void {
  if (Array.isArray(node)) {
    for (const child of node) collectTables(child, scope, found, size);
    return;
  }
  if (typeof node !== 'object' || node === null) return;
  const { cte_map: expressions, ...rest } = node as Node;
  if (rest.type === 'BASE_TABLE') collectName(rest, scope, found, size);
  const inner = collectExpressions(expressions, { scope, found, size });
  // A recursive expression may read itself.
  if (typeof rest.cte_name === 'string') inner.add(rest.cte_name.toLowerCase());
  for (const child of Object.values(rest)) collectTables(child, inner, found, size);
}

/** Each common table expression may read those before it. Returns the names that apply after it. */
function collectExpressions(
  expressions: unknown,
  {
    scope,
    found,
    size,
  }: { readonly scope: ReadonlySet<string>; readonly found: TableName[]; readonly size: number },
): Set<string> {
  const inner = new Set(scope);
  const { map = [] } = (expressions ?? {}) as { readonly map?: readonly Expression[] };
  for (const { key, value } of map) {
    collectTables(value, inner, found, size);
    inner.add(key.toLowerCase());
  }
  return inner;
}

interface Expression {
  readonly key: string;
  readonly value: unknown;
}

function collectName(
  node: Node,
  scope: ReadonlySet<string>,
  found: TableName[],
  size: number,
): void {
  const name = String(node.table_name).toLowerCase();
  const schemas = [node.catalog_name, node.schema_name].filter(
    (part): part is string => typeof part === 'string',
  );
  if (schemas.length === 0 && scope.has(name)) return;
  const offset = Number(node.query_location);
  found.push({
    name,
    schema: schemas.length === 0 ? null : schemas.join('.').toLowerCase(),
    offset: offset <= size ? offset : null,
  });
}
