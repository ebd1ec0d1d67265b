/**
 * Data roots that earlier programs wrote, one per schema version:
 * `test/warehouse/files/schema-<version>/`.
 */
import fs from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';

const FILES = path.join(__dirname, '../files');
const PREFIX = 'schema-';

export function storedDataRoot(version: number): string {
  return path.join(FILES, `${PREFIX}${String(version).padStart(6, '0')}`);
}

/** The schema versions with a stored data root. */
export function storedVersions(): readonly number[] {
  const names = fs.readdirSync(FILES).filter((name) => name.startsWith(PREFIX));
  return names.map((name) => Number.parseInt(name.slice(PREFIX.length), 10));
}

/** Copies the stored data root of a schema version to `root`. */
export function restoreDataRoot(version: number, root: string): void {
  fs.cpSync(storedDataRoot(version), root, { recursive: true });
  const packed = path.join(root, 'warehouse.duckdb.gz');
  fs.writeFileSync(path.join(root, 'warehouse.duckdb'), gunzipSync(fs.readFileSync(packed)));
  fs.rmSync(packed);
}
