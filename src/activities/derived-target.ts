/** The file that a step computes for the next publication. */
import path from 'node:path';
import type { DerivedFile, DerivedKind } from '../contract/derived/derived-file';
import { dataRootPaths, relativeToRoot } from '../files/data-root';
import { sha256OfFile } from '../files/sha256-of-file';
import { tempName } from '../files/temp-names';

/** @returns a new absolute path in `tmp/`. Each attempt computes a file of its own. */
export function derivedTarget(dataRoot: string, kind: DerivedKind): string {
  return path.join(dataRootPaths(dataRoot).tmp, `${tempName(kind)}.duckdb`);
}

/**
 * Describes a computed file to the publication that installs it.
 *
 * @param file as {@link derivedTarget} returned it.
 * @throws the errors of the file system.
 */
export async function describeDerivedFile(
  dataRoot: string,
  kind: DerivedKind,
  file: string,
): Promise<DerivedFile> {
  return { kind, path: relativeToRoot(dataRoot, file), sha256: await sha256OfFile(file) };
}
