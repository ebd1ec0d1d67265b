/** Puts verified bytes under their final name. A final file is never overwritten. */
import fs from 'node:fs';
import path from 'node:path';
import { createHash } from 'node:crypto';
import { dataRootPaths, underRoot } from './data-root';
import { ensureDirectory, syncDirectory } from './directories';
import { asDiskError } from './disk-errors';
import { imagePath } from './image-name';
import { tryLink } from './link-or-copy';
import { moveToQuarantine } from './quarantine';
import { tempName } from './temp-names';

/** The final path, or a folder above it, is taken by something that is no image of ours. */
export class PathConflict extends Error {
  override readonly name = 'PathConflict';
}

/** A folder that is missing is made, a broken file is moved aside: neither more often than this. */
const MOST_TRIES = 3;

/**
 * Shards that this process has seen: a link into a folder that is missing costs an error, and nearly each of the first images
 * is the first of its shard. **Shape** at most 65,536 paths a data root.
 */
const seenShards = new Set<string>();

interface Naming {
  readonly root: string;
  readonly id: string;
  readonly sha256: string;
  readonly extension: string;
}

/**
 * fsync → 0644 → final name → fsync of the directory; returns the path relative to the root. The temp is gone afterwards.
 * A name that exists has the same bytes, which is compared; a broken file under it is moved to `quarantine/`.
 *
 * **Errors** {@link PathConflict}; StepError disk_*.
 */
export function storeImage(options: Naming & { readonly tempPath: string }): string {
  const { root, tempPath } = options;
  const relative = imagePath(options);
  return guarded(relative, () => {
    syncAndOpenUp(tempPath);
    place(tempPath, underRoot(root, relative), options);
    fs.unlinkSync(tempPath);
    return relative;
  });
}

/**
 * A further id of a shared URL: a file of its own, by hard link, or by copy where links are refused.
 *
 * **Shape** `from` is the stored file, relative to the root; `linkable` the one that further ids link to: the new file when it is a copy
 * because the former one has all the links that its file system allows (ext4: 65,000).
 * **Errors** as {@link storeImage}.
 */
export function linkImage(options: Naming & { readonly from: string }): {
  readonly path: string;
  readonly linkable: string;
} {
  const { root, from } = options;
  const relative = imagePath(options);
  const source = underRoot(root, from);
  const isLink = guarded(relative, () => place(source, underRoot(root, relative), options));
  const linkable = !isLink && fs.statSync(source).nlink > 1 ? relative : from;
  return { path: relative, linkable };
}

function guarded<T>(relative: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (
      code === 'ENOTDIR' ||
      code === 'EISDIR' ||
      (code === 'EEXIST' && !(error instanceof PathConflict))
    ) {
      throw new PathConflict(`${relative}: a folder or file of another kind is in its place`, {
        cause: error,
      });
    }
    throw asDiskError(error, `store ${relative}`) ?? error;
  }
}

function syncAndOpenUp(file: string): void {
  const descriptor = fs.openSync(file, 'r+');
  try {
    fs.fchmodSync(descriptor, 0o644);
    fs.fsyncSync(descriptor);
  } finally {
    fs.closeSync(descriptor);
  }
}

/** False: it is a copy. */
function place(source: string, final: string, naming: Naming): boolean {
  refuseLinkedShard(path.dirname(final));
  ensureShard(path.dirname(final));
  let placed = tryPlace(source, final, naming, false);
  for (let tries = 1; placed === null; tries += 1)
    placed = tryPlace(source, final, naming, tries === MOST_TRIES);
  syncDirectory(path.dirname(final));
  return placed === 'linked';
}

function ensureShard(folder: string): void {
  if (seenShards.has(folder)) return;
  ensureDirectory(folder);
  seenShards.add(folder);
}

/** A link in place of one of the two folders would lead out of the data root; that of a whole disk at `raw` is the operator's own. */
function refuseLinkedShard(shard: string): void {
  for (const folder of [path.dirname(shard), shard]) {
    if (fs.lstatSync(folder, { throwIfNoEntry: false })?.isSymbolicLink() === true)
      throw new PathConflict(`${folder} is a link, not a folder of ours`);
  }
}

/** Null: what was in the way is not any more. Others may be placing the same file. */
function tryPlace(
  source: string,
  final: string,
  naming: Naming,
  isLast: boolean,
): 'linked' | 'copied' | null {
  try {
    // link(2) never replaces an existing name, unlike rename(2).
    if (tryLink(source, final)) return 'linked';
    copyThenRename(source, final, naming.root);
    return 'copied';
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return makeWay(final, naming) ? null : 'linked';
    // Somebody has removed the shard's folder.
    if (code !== 'ENOENT' || isLast) throw error;
    ensureDirectory(path.dirname(final));
    return null;
  }
}

function copyThenRename(source: string, final: string, root: string): void {
  if (fs.lstatSync(final, { throwIfNoEntry: false }) !== undefined) {
    throw Object.assign(new Error(`${final} exists`), { code: 'EEXIST' });
  }
  const copy = path.join(dataRootPaths(root).tmp, tempName('copy'));
  fs.copyFileSync(source, copy, fs.constants.COPYFILE_EXCL);
  syncAndOpenUp(copy);
  fs.renameSync(copy, final);
}

/** Something has the name: false when it is the same file, true when it was moved out of the way. */
function makeWay(final: string, { root, sha256 }: Naming): boolean {
  const there = fs.lstatSync(final);
  if (there.isDirectory()) throw new PathConflict(`${final} is a directory`);
  if (there.isFile() && sha256OfSmallFile(final) === sha256) return false;
  // Its name says what its bytes should be, so they were damaged, or it is a planted link: kept aside for a look.
  moveToQuarantine(root, final);
  return true;
}

function sha256OfSmallFile(file: string): string {
  return createHash('sha256').update(fs.readFileSync(file)).digest('hex');
}
