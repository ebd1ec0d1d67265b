/** The segments of embeddings on disk: `embeddings/<version>/<random>.parquet`. */
import fs from 'node:fs';
import path from 'node:path';
import { dataRootPaths } from '../data-root';
import { namesIfPresent } from '../read-if-present';

/** How many digits of a model's version name the folder of its segments. */
const VERSION_DIGITS = 16;

/** The segments of one version of a model. */
export interface SegmentFolder {
  /** The first digits of the version. */
  readonly name: string;
  /** Absolute path. */
  readonly path: string;
  /** Absolute paths, sorted. */
  readonly segments: readonly string[];
}

/** The name of the folder of a model's segments. */
export function segmentFolderName(version: string): string {
  return version.slice(0, VERSION_DIGITS);
}

/** @returns absolute paths, sorted, so that equal folders give equal results. */
export function segmentsIn(folder: string): string[] {
  return namesIn(folder)
    .filter((name) => name.endsWith('.parquet'))
    .map((name) => path.join(folder, name));
}

/** The folders of all versions, sorted by name. */
export function listSegmentFolders(root: string): readonly SegmentFolder[] {
  const { embeddings } = dataRootPaths(root);
  return namesIn(embeddings)
    .map((name) => ({ name, path: path.join(embeddings, name) }))
    .filter((folder) => fs.statSync(folder.path).isDirectory())
    .map((folder) => ({ ...folder, segments: segmentsIn(folder.path) }));
}

function namesIn(folder: string): readonly string[] {
  return [...namesIfPresent(folder)].sort();
}
