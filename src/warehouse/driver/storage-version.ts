/** The version of DuckDB's file format: which one we write, and which DuckDB a file of another one needs. */

/** What we write: the lowest there is, so that older DuckDBs can read the snapshot. **Source** DuckDB, "Storage Versions". */
export const STORAGE_VERSION = { name: 'v1.0.0', number: 64 } as const;

/** The first DuckDB that writes, and so reads, each. **Source** DuckDB, "Storage Versions"; proven in test/warehouse/driver/newer-files.test.ts. */
const FIRST_DUCKDB: ReadonlyMap<number, string> = new Map([
  [65, 'v1.2.0'],
  [66, 'v1.3.0'],
  [67, 'v1.4.0'],
  [68, 'v1.5.0'],
]);

/** DuckDB cannot read the file. */
const UNREADABLE =
  /database file with version number (\d+), but we can only read versions between \d+ and (\d+)/;

/** DuckDB could, but not write what we write. It counts otherwise there: 4 is 65. */
const HIGHER = /lower than what the database itself uses \((\d+)\)/;
const COUNTED_FROM = 61;

/** What to do about a file whose storage version is too new, from DuckDB's refusal: names the version that is needed. */
export function adviceForNewerFile(message: string): string {
  const unreadable = UNREADABLE.exec(message);
  if (unreadable !== null)
    return `It has storage version ${unreadable[1] ?? ''}: ${neededFor(Number(unreadable[1]))} is needed, and this DuckDB reads up to ${unreadable[2] ?? ''}. Upgrade artemis-pipeline, or choose the driver that brings it (ARTEMIS_DB_DRIVER), or move the file aside; nothing was written`;
  const version = Number(HIGHER.exec(message)?.[1]) + COUNTED_FROM;
  return `It has storage version ${version}: ${neededFor(version)} is needed by everybody who reads it, and this program keeps to ${STORAGE_VERSION.number} (${STORAGE_VERSION.name}), so that older ones read the snapshot. Copy it into a file made with STORAGE_VERSION '${STORAGE_VERSION.name}' (COPY FROM DATABASE), or move it aside; nothing was written`;
}

function neededFor(version: number): string {
  const first = FIRST_DUCKDB.get(version);
  return first === undefined ? 'a DuckDB newer than v1.5' : `DuckDB ${first} or newer`;
}
