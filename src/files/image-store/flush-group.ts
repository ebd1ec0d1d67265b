/** Makes a group of images durable, in an order that leaves no broken file under a final name when the power goes. */
import { underRoot } from '../data-root';
import { allDone, disk } from '../disk-calls';
import { asDiskError, onDiskAsync } from '../disk-errors';
import { errorCode } from '../error-code';
import type { TempFile } from '../temp-file';
import type { ImageFolders } from './image-folders';
import { PathConflict } from './path-conflict';
import { placeImage, type ImageName } from './place-image';

/** A stored file that further names are linked to, relative to the data root. It changes when it has all the links that it may have. */
export interface LinkSource {
  relative: string;
}

/** New bytes, or a stored file, and the names that they get. */
export interface GroupMember {
  readonly source: TempFile | LinkSource;
  readonly names: readonly ImageName[];
  /** Of new bytes. */
  readonly bytes: number;
}

/** What became of one name. */
export type Placed =
  | { readonly kind: 'placed'; readonly relative: string }
  | { readonly kind: 'conflict'; readonly detail: string };

/** What became of a member. `source`: what further names are linked to; null when no name was given. */
export interface MemberPlaced {
  readonly names: readonly Placed[];
  readonly source: LinkSource | null;
}

interface Places {
  readonly root: string;
  readonly folders: ImageFolders;
}

/**
 * The bytes of all members are durable before the first of them gets its final name, and all names are durable when this returns.
 *
 * @throws StepError disk_*: no member counts then, whatever its own calls returned.
 */
export async function flushGroup(
  places: Places,
  members: readonly GroupMember[],
): Promise<readonly MemberPlaced[]> {
  try {
    await allDone(members.map(syncBytes));
    const placed = await allDone(members.map((member) => placeMember(places, member)));
    await syncNames(places, members, placed);
    return placed;
  } finally {
    places.folders.trim();
  }
}

function isTemp(source: GroupMember['source']): source is TempFile {
  return 'sync' in source;
}

async function syncBytes({ source, names }: GroupMember): Promise<void> {
  if (isTemp(source))
    await onDiskAsync(`store ${names[0]?.relative ?? source.path}`, () => source.sync());
}

/** One name after another: where links run out, one copy is made for those that are left. */
async function placeMember(places: Places, member: GroupMember): Promise<MemberPlaced> {
  const { source, names } = member;
  let from = isTemp(source) ? source.path : underRoot(places.root, source.relative);
  let linkable: LinkSource | null = isTemp(source) ? null : source;
  const placed: Placed[] = [];
  for (const name of names) {
    const one = await placeName(places, from, name);
    placed.push(one.placed);
    if (one.placed.kind === 'conflict') continue;
    linkable ??= { relative: name.relative };
    if (one.isCopy && (await hasLinks(from))) {
      linkable = { relative: name.relative };
      from = underRoot(places.root, name.relative);
    }
  }
  return { names: placed, source: linkable };
}

async function hasLinks(file: string): Promise<boolean> {
  return (await disk.lstat(file)).nlink > 1;
}

async function placeName(
  places: Places,
  from: string,
  name: ImageName,
): Promise<{ readonly placed: Placed; readonly isCopy: boolean }> {
  const { relative } = name;
  try {
    const how = await placeImage(places, from, name);
    return { placed: { kind: 'placed', relative }, isCopy: how === 'copied' };
  } catch (error) {
    if (error instanceof PathConflict)
      return { placed: { kind: 'conflict', detail: error.message }, isCopy: false };
    if (!isInTheWay(error)) throw asDiskError(error, `store ${relative}`) ?? error;
    const detail = `${relative}: a folder or file of another kind is in its place`;
    return { placed: { kind: 'conflict', detail }, isCopy: false };
  }
}

/** Temporary names go meanwhile: that they are gone need not be durable. */
async function syncNames(
  { folders }: Places,
  members: readonly GroupMember[],
  placed: readonly MemberPlaced[],
): Promise<void> {
  const removals = members.map(async ({ source }, nth) => {
    if (isTemp(source) && placed[nth]?.source !== null) await disk.unlink(source.path);
  });
  await onDiskAsync('store images', () => allDone([folders.sync(), ...removals]));
}

function isInTheWay(error: unknown): boolean {
  const code = errorCode(error);
  return code === 'ENOTDIR' || code === 'EISDIR' || code === 'EEXIST';
}
