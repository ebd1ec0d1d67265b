/**
 * Keeps files that were found under a name that does not match their content in `quarantine/`,
 * until `prune` deletes them.
 */
import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { dataRootPaths, relativeToRoot } from './data-root';
import { ensureDirectory } from './directories';

/**
 * Moves a file to `quarantine/` under a unique name.
 *
 * @returns the new path, relative to the data root.
 * @throws errors of the file system.
 */
export function moveToQuarantine(root: string, file: string): string {
  const { quarantine } = dataRootPaths(root);
  const aside = path.join(quarantine, `${path.basename(file)}.${randomUUID()}`);
  ensureDirectory(quarantine);
  fs.renameSync(file, aside);
  return relativeToRoot(root, aside);
}
