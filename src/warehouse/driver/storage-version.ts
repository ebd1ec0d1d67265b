/**
 * Versions of DuckDB's file format: the one that this program writes, and the DuckDB that a file of
 * another version needs.
 */

/**
 * The version that this program writes: the lowest that DuckDB supports, so that older releases can
 * read the snapshot.
 *
 * @see DuckDB, "Storage Versions".
 */
export const STORAGE_VERSION = { name: 'v1.0.0', number: 64 } as const;

/**
 * The first DuckDB release that reads and writes each version.
 * test/warehouse/driver/newer-files.test.ts proves these.
 *
 * @see DuckDB, "Storage Versions".
 */
const FIRST_DUCKDB: ReadonlyMap<number, string> = new Map([
  [65, 'v1.2.0'],
  [66, 'v1.3.0'],
  [67, 'v1.4.0'],
  [68, 'v1.5.0'],
]);

/** DuckDB's message for a file that it cannot read. */
const UNREADABLE_MESSAGE =
  /database file with version number (\d+), but we can only read versions between \d+ and (\d+)/;

/**
 * DuckDB's message for a file that it can read but cannot write with our version. It counts
 * versions differently here: 4 stands for 65.
 */
const HIGHER_VERSION_MESSAGE = /lower than what the database itself uses \((\d+)\)/;
const RELATIVE_VERSION_BASE = 61;

/**
 * Advice for a file whose storage version is too new, which names the required DuckDB release.
 *
 * @param message DuckDB's error message.
 */
export function adviceForNewerFile(message: string): string {
  const unreadable = UNREADABLE_MESSAGE.exec(message);
  if (unreadable !== null)
    return `It has storage version ${unreadable[1] ?? ''}: ${requiredDuckdb(Number(unreadable[1]))} is needed, and this DuckDB reads up to ${unreadable[2] ?? ''}. Upgrade artemis-pipeline, or choose the driver that brings it (ARTEMIS_DB_DRIVER), or move the file aside; nothing was written`;
  const version = Number(HIGHER_VERSION_MESSAGE.exec(message)?.[1]) + RELATIVE_VERSION_BASE;
  return `It has storage version ${version}: ${requiredDuckdb(version)} is needed by everybody who reads it, and this program keeps to ${STORAGE_VERSION.number} (${STORAGE_VERSION.name}), so that older ones read the snapshot. Copy it into a file made with STORAGE_VERSION '${STORAGE_VERSION.name}' (COPY FROM DATABASE), or move it aside; nothing was written`;
}

function requiredDuckdb(version: number): string {
  const first = FIRST_DUCKDB.get(version);
  return first === undefined ? 'a DuckDB newer than v1.5' : `DuckDB ${first} or newer`;
}
