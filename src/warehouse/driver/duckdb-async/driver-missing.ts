/** The chosen DuckDB driver is not there, or cannot be loaded. The message says how to get it. */
export class DriverMissing extends Error {
  override readonly name = 'DriverMissing';
}
