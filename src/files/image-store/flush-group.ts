/**
 * Makes a group of images durable, in an order which ensures that a power failure leaves no broken
 * file under a final name.
 */
import fs from 'node:fs';
import { underRoot } from '../data-root';
import { allDone, disk } from '../disk-calls';
import { asDiskError, onDiskAsync } from '../disk-errors';
import { errorCode } from '../error-code';
import { createFile, writeAll, type PendingFile } from '../temp-file';
import type { ImageFolders } from './image-folders';
import { paced } from './paced-calls';
import { PathConflict } from './path-conflict';
import { placeImage, type ImageName } from './place-image';

/**
 * A stored file to which further names are linked, relative to the data root. It is replaced when
 * it has as many links as the file system allows.
 */
export interface LinkSource {
  relative: string;
}

/** A body that is not durable yet, or a stored file, and the names that it gets. */
export interface PendingMember {
  readonly source: PendingFile | LinkSource;
  readonly names: readonly ImageName[];
}

/** Result for one name. */
export type PlacedName =
  | { readonly kind: 'placed'; readonly relative: string }
  | { readonly kind: 'conflict'; readonly detail: string };

/** Result for one member of a group. */
export interface PlacedMember {
  readonly names: readonly PlacedName[];
  readonly source: LinkSource | null;
}

interface FlushContext {
  readonly root: string;
  readonly folders: ImageFolders;
}

/**
 * Makes the bytes of a group durable, which must happen before the first of them gets its final
 * name.
 *
 * @throws StepError disk_*. Then no member counts as stored, whatever its own calls returned.
 */
export async function syncGroup(members: readonly PendingMember[]): Promise<void> {
  await allDone(members.map(syncBytes));
}

/**
 * Gives a group whose bytes are durable its final names, which are durable when the promise
 * resolves. One group of a store at a time.
 *
 * @throws the same errors as {@link syncGroup}.
 */
export async function placeGroup(
  context: FlushContext,
  members: readonly PendingMember[],
): Promise<readonly PlacedMember[]> {
  try {
    const placed = await allDone(members.map((member) => placeMember(context, member)));
    await syncNames(context, members, placed);
    return placed;
  } finally {
    context.folders.trim();
  }
}

function isPending(source: PendingMember['source']): source is PendingFile {
  return 'content' in source;
}

async function syncBytes({ source, names }: PendingMember): Promise<void> {
  if (isPending(source))
    await onDiskAsync(`store ${names[0]?.relative ?? source.path}`, () => syncPending(source));
}

/**
 * If the file was closed, opening it again still reports a write-back error that was not reported
 * to any process before.
 */
async function syncPending({ path, content, descriptor }: PendingFile): Promise<void> {
  const open =
    content === null
      ? (descriptor ?? (await paced.open(path, fs.constants.O_RDWR)))
      : createFile(path);
  try {
    if (content !== null) writeAll(open, content);
    await paced.fsync(open);
  } finally {
    fs.closeSync(open);
  }
}

/**
 * Gives a member its names one after another. When the file system refuses further links, one copy
 * is made, and the remaining names are linked to it.
 */
async function placeMember(context: FlushContext, member: PendingMember): Promise<PlacedMember> {
  const { source, names } = member;
  let from = isPending(source) ? source.path : underRoot(context.root, source.relative);
  let linkable: LinkSource | null = isPending(source) ? null : source;
  const placed: PlacedName[] = [];
  for (const name of names) {
    const placement = await placeName(context, from, name);
    placed.push(placement.placed);
    if (placement.placed.kind === 'conflict') continue;
    linkable ??= { relative: name.relative };
    if (placement.isCopy && (await hasOtherNames(from))) {
      linkable = { relative: name.relative };
      from = underRoot(context.root, name.relative);
    }
  }
  return { names: placed, source: linkable };
}

async function hasOtherNames(file: string): Promise<boolean> {
  return (await disk.lstat(file)).nlink > 1;
}

async function placeName(
  context: FlushContext,
  from: string,
  name: ImageName,
): Promise<{ readonly placed: PlacedName; readonly isCopy: boolean }> {
  const { relative } = name;
  try {
    const outcome = await placeImage(context, from, name);
    return { placed: { kind: 'placed', relative }, isCopy: outcome === 'copied' };
  } catch (error) {
    if (error instanceof PathConflict)
      return { placed: { kind: 'conflict', detail: error.message }, isCopy: false };
    if (!isEntryOfOtherKind(error)) throw asDiskError(error, `store ${relative}`) ?? error;
    const detail = `${relative}: a folder or file of another kind is in its place`;
    return { placed: { kind: 'conflict', detail }, isCopy: false };
  }
}

/**
 * Makes the final names durable and removes the temporary names. The removal itself need not be
 * durable.
 */
async function syncNames(
  { folders }: FlushContext,
  members: readonly PendingMember[],
  placed: readonly PlacedMember[],
): Promise<void> {
  const removals = members.map(async ({ source }, index) => {
    if (isPending(source) && placed[index]?.source !== null) await paced.unlink(source.path);
  });
  await onDiskAsync('store images', () => allDone([folders.sync(), ...removals]));
}

function isEntryOfOtherKind(error: unknown): boolean {
  const code = errorCode(error);
  return code === 'ENOTDIR' || code === 'EISDIR' || code === 'EEXIST';
}
