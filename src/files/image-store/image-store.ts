/** Stores verified images under their final names, in groups that are made durable together. */
import { createTempFile, type TempFile } from '../temp-file';
import type { LinkSource, PendingMember, PlacedMember } from './flush-group';
import { flushThread } from './flush-thread';
import { createGroupCommit, MAX_FLUSHES, type GroupCommit, type GroupLimits } from './group-commit';
import type { ImageName } from './place-image';

/** Limits of one group, measured in docs/decisions/0047-group-commit.md. */
const MAX_NAMES = 256;
const MAX_BYTES = 64 * 1_024 * 1_024;
const GATHER_MS = 100;

/** Number of members in all groups: those that are being flushed, and the one that gathers. */
export const MAX_STORING = (MAX_FLUSHES + 1) * MAX_NAMES;

/** Number of names for one member. They are created one after another. */
export const MAX_NAMES_PER_MEMBER = 64;

/**
 * Descriptors reserved for other uses, and the number of folders and temporary files that may stay
 * open.
 */
const RESERVED_DESCRIPTORS = 1_024;
const MAX_OPEN_FOLDERS = 4_096;
const MAX_OPEN_TEMP_FILES = 1_024;
const MIN_NAMES = 8;

/** A file, new or already stored, and the names that it gets. */
export interface GroupMember {
  readonly source: TempFile | LinkSource;
  readonly names: readonly ImageName[];
  /** Size of a new file; 0 for a stored one. */
  readonly bytes: number;
}

/** Stores the images of one data root in one process. */
export interface ImageStore {
  /**
   * Prepares a temporary file, which stays open until it is durable if the number of descriptors
   * allows it.
   */
  readonly createTemp: (execution: string) => TempFile;
  /** The groups of this store. If a temporary file got no name, the caller must remove it. */
  readonly groups: GroupCommit<GroupMember, PlacedMember>;
}

/** A store that one user holds. */
export interface HeldStore extends ImageStore {
  /** Must be called once, when no group contains a member of this user any more. */
  readonly release: () => void;
}

interface SharedStore extends ImageStore {
  users: number;
}

/** Stores by data root. Images for one disk are flushed together, regardless of their batch. */
const stores = new Map<string, SharedStore>();

/**
 * Returns the store of this process for a data root.
 *
 * @param descriptors the number of descriptors that the process may have open.
 */
export function holdImageStore(root: string, descriptors: number): HeldStore {
  const store = stores.get(root) ?? createStore(root, descriptors);
  stores.set(root, store);
  store.users += 1;
  return {
    createTemp: store.createTemp,
    groups: store.groups,
    release: () => {
      store.users -= 1;
      if (store.users > 0) return;
      stores.delete(root);
      flushThread.closeStore(root);
    },
  };
}

function createStore(root: string, descriptors: number): SharedStore {
  const descriptorShare = Math.max(0, Math.floor((descriptors - RESERVED_DESCRIPTORS) / 4));
  const maxKeptOpen = Math.min(MAX_OPEN_TEMP_FILES, descriptorShare);
  const maxOpenFolders = Math.min(MAX_OPEN_FOLDERS, descriptorShare);
  flushThread.start();
  return {
    users: 0,
    createTemp: (execution) => createTempFile({ root, execution, maxKeptOpen }),
    groups: createGroupCommit<GroupMember, PlacedMember>({
      limits: limitsFor(descriptors),
      weigh: ({ names, bytes }) => ({ names: names.length, bytes }),
      flush: (members) => flushThread.flush({ root, maxOpenFolders }, members.map(pendingMember)),
    }),
  };
}

function pendingMember({ source, names }: GroupMember): PendingMember {
  return { source: 'handOver' in source ? source.handOver() : source, names };
}

/** Each name of a group may need one descriptor for its folder and one for its file. */
function limitsFor(descriptors: number): GroupLimits {
  const maxNames = Math.min(MAX_NAMES, Math.max(MIN_NAMES, Math.floor(descriptors / 16)));
  return { maxNames, maxBytes: MAX_BYTES, gatherMs: GATHER_MS };
}
