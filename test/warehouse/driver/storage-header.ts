/** What a DuckDB file says of its format. The file must not be open in this process. */
import fs from 'node:fs';

/** **Source** DuckDB, src/storage/single_file_block_manager.cpp: checksum, "DUCK", version, four flags, the writer's version. */
const CHECKSUM_AT = 0;
const MAGIC_AT = 8;
export const VERSION_AT = 12;
const HEADER_BYTES = 4_096;

/** **Errors** when the file is no DuckDB file. */
export function storageVersion(file: string): number {
  const bytes = fs.readFileSync(file);
  if (bytes.toString('latin1', MAGIC_AT, VERSION_AT) !== 'DUCK')
    throw new Error(`${file} is no DuckDB file`);
  return Number(bytes.readBigUInt64LE(VERSION_AT));
}

/** Makes a file say that it is of another version. */
export function patchStorageVersion(file: string, version: number): void {
  const bytes = fs.readFileSync(file);
  bytes.writeBigUInt64LE(BigInt(version), VERSION_AT);
  bytes.writeBigUInt64LE(checksum(bytes.subarray(MAGIC_AT, HEADER_BYTES)), CHECKSUM_AT);
  fs.writeFileSync(file, bytes);
}

/** **Source** DuckDB, src/common/checksum.cpp. */
function checksum(bytes: Buffer): bigint {
  let result = 5_381n;
  for (let at = 0; at < bytes.length; at += 8)
    result ^= BigInt.asUintN(64, bytes.readBigUInt64LE(at) * 0xbf58476d1ce4e5b9n);
  return result;
}
