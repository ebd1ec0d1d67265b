/**
 * The chosen DuckDB driver is not installed or cannot be loaded. The message says how to install
 * it.
 */
export class DriverMissing extends Error {
  override readonly name = 'DriverMissing';
}
