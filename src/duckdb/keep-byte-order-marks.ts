/**
 * Makes `@duckdb/node-api` return texts unchanged. Every module that opens a DuckDB must import
 * this one.
 *
 * The package decodes VARCHAR with `new TextDecoder()`, which treats a leading U+FEFF as a byte
 * order mark and drops it. An id that began with U+FEFF left the plan as another id, and its image
 * stayed pending for ever. The package has no option for this, and a query cannot work around it
 * for values inside lists and structs. The version is pinned, and
 * test/warehouse/text-unchanged.test.ts shows that the replacement still works.
 */
import * as dataAccessors from '@duckdb/node-api/lib/vectors/dataAccessors';

Object.assign(dataAccessors, { textDecoder: new TextDecoder('utf-8', { ignoreBOM: true }) });
