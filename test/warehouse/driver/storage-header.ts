/**
 * Reads and changes the storage version in the header of a DuckDB file, which must not be open in
 * this process.
 */
import fs from 'node:fs';

/**
 * Layout of the header: checksum, "DUCK", version, four flags, the version of the writer.
 *
 * @see DuckDB, src/storage/single_file_block_manager.cpp.
 */
const CHECKSUM_AT = 0;
const MAGIC_AT = 8;
export const VERSION_AT = 12;
const HEADER_BYTES = 4_096;

/**
 * The storage version of a DuckDB file.
 *
 * @throws Error when the file is not a DuckDB file.
 */
export function storageVersion(file: string): number {
  const bytes = fs.readFileSync(file);
  if (bytes.toString('latin1', MAGIC_AT, VERSION_AT) !== 'DUCK')
    throw new Error(`${file} is no DuckDB file`);
  return Number(bytes.readBigUInt64LE(VERSION_AT));
}

/** Overwrites the storage version in the header of a file. */
export function patchStorageVersion(file: string, version: number): void {
  const bytes = fs.readFileSync(file);
  bytes.writeBigUInt64LE(BigInt(version), VERSION_AT);
  bytes.writeBigUInt64LE(checksum(bytes.subarray(MAGIC_AT, HEADER_BYTES)), CHECKSUM_AT);
  fs.writeFileSync(file, bytes);
}

/** @see DuckDB, src/common/checksum.cpp. */
function checksum(bytes: Buffer): bigint {
  let result = 5_381n;
  for (let at = 0; at < bytes.length; at += 8)
    result ^= BigInt.asUintN(64, bytes.readBigUInt64LE(at) * 0xbf58476d1ce4e5b9n);
  return result;
}
