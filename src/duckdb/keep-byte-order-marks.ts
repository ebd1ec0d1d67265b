/**
 * Has `@duckdb/node-api` give texts as they are. Every module that opens a DuckDB imports this one.
 *
 * The package decodes VARCHAR with `new TextDecoder()`, which takes a leading U+FEFF for a byte order mark and drops it. An id
 * that begins with one came out of the plan as another id, and its image stayed pending for ever. No option of the package says
 * otherwise, and a query cannot say so for the values of lists and structs. The version is pinned, and
 * test/warehouse/text-unchanged.test.ts shows that this still works.
 */
import * as dataAccessors from '@duckdb/node-api/lib/vectors/dataAccessors';

Object.assign(dataAccessors, { textDecoder: new TextDecoder('utf-8', { ignoreBOM: true }) });
