/** `quarantine/`: files that were found under a name that is not theirs, kept for a look until `prune`. */
import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { dataRootPaths, relativeToRoot } from './data-root';
import { ensureDirectory } from './directories';

/** Moves a file there, under a name of its own; returns the path, relative to the root. **Errors** those of the file system. */
export function moveToQuarantine(root: string, file: string): string {
  const { quarantine } = dataRootPaths(root);
  const aside = path.join(quarantine, `${path.basename(file)}.${randomUUID()}`);
  ensureDirectory(quarantine);
  fs.renameSync(file, aside);
  return relativeToRoot(root, aside);
}
