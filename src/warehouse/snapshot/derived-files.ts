/**
 * The files in `derived/`. Only publications write there, and publications run one at a time, so
 * two runs or a retry never replace a file at once. The file that is installed last counts.
 */
import fs from 'node:fs';
import path from 'node:path';
import {
  DERIVED_KINDS,
  type DerivedFile,
  type DerivedKind,
} from '../../contract/derived/derived-file';
import { dataRootPaths, underRoot } from '../../files/data-root';
import { ensureDirectory, syncDirectory, syncFile } from '../../files/directories';
import { onDisk } from '../../files/disk-errors';
import { moveToQuarantine } from '../../files/move-to-quarantine';
import { sha256OfFile } from '../../files/sha256-of-file';
import { fileSignature } from '../database-file/file-signature';

/** The absolute path of the installed file of a kind. */
export function derivedPath(dataRoot: string, kind: DerivedKind): string {
  return path.join(dataRootPaths(dataRoot).derived, `${kind}.duckdb`);
}

/** Changes when a derived file, or a write-ahead log beside it, is written or moved. */
export function derivedSignature(dataRoot: string): string {
  const files = DERIVED_KINDS.map((kind) => derivedPath(dataRoot, kind));
  return files
    .flatMap((file) => [file, `${file}.wal`])
    .map((file) => fileSignature(file) ?? '')
    .join('|');
}

/**
 * Moves a computed file to `derived/`. Installing a file again changes nothing. A file whose bytes
 * are not those that were computed is moved to `quarantine/`, and the installed one stays.
 *
 * @returns null, or why the file was not installed.
 * @throws StepError disk_*; errors of the file system.
 */
export async function installDerivedFile(
  dataRoot: string,
  { kind, path: relative, sha256 }: DerivedFile,
): Promise<string | null> {
  const computed = underRoot(dataRoot, relative);
  const installed = derivedPath(dataRoot, kind);
  if (!fs.existsSync(computed)) {
    if (fs.existsSync(installed) && (await sha256OfFile(installed)) === sha256) return null;
    return `${relative} is missing, so derived/${kind}.duckdb was not replaced`;
  }
  if ((await sha256OfFile(computed)) !== sha256) {
    const aside = moveToQuarantine(dataRoot, computed);
    return `${relative} has changed since it was computed; it is now ${aside}`;
  }
  onDisk(`install derived/${kind}.duckdb`, () => {
    ensureDirectory(path.dirname(installed));
    fs.chmodSync(computed, 0o644);
    syncFile(computed);
    fs.renameSync(computed, installed);
    syncDirectory(path.dirname(installed));
  });
  return null;
}
