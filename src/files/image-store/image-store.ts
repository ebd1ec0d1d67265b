/** Puts verified bytes under their final names, in groups that are made durable together. */
import { createTempFile, type TempFile } from '../temp-file';
import { flushGroup, type GroupMember, type MemberPlaced } from './flush-group';
import { createGroupCommit, type GroupCommit, type GroupLimits } from './group-commit';
import { ImageFolders } from './image-folders';

/** Names in one group. **Source** measured, decision 0047. */
const MOST_NAMES = 256;
const MOST_BYTES = 64 * 1_024 * 1_024;
const GATHER_MS = 100;

/** Members of all groups at once: those of the group that is flushed, and those of the group that gathers. */
export const MOST_STORING = 2 * MOST_NAMES;

/** Names that one member may ask for: they are given one after another. */
export const MOST_NAMES_OF_ONE = 64;

/** Descriptors that are not needed elsewhere, and the most of them that folders and temporary files may have. */
const RESERVED_DESCRIPTORS = 1_024;
const MOST_FOLDERS = 4_096;
const MOST_KEPT_TEMPS = 1_024;
const FEWEST_NAMES = 8;

/** The images of one data root, stored by one process. */
export interface ImageStore {
  /** A temporary file, open until it is durable where descriptors allow it. @throws StepError disk_*. */
  readonly createTemp: (execution: string) => TempFile;
  /** As {@link GroupCommit}. A temporary file of which no name was given is left to the caller. */
  readonly groups: GroupCommit<GroupMember, MemberPlaced>;
}

/** One user's hold on a store. */
export interface HeldStore extends ImageStore {
  /** Called once, when none of the user's members is in a group any more. */
  readonly release: () => void;
}

interface SharedStore extends ImageStore {
  readonly folders: ImageFolders;
  users: number;
}

/** By data root: what gathers for one disk is flushed together, whichever batch it belongs to. */
const stores = new Map<string, SharedStore>();

/** The process's store for a data root. `descriptors`: how many the process may have open. */
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
      store.folders.close();
    },
  };
}

function createStore(root: string, descriptors: number): SharedStore {
  const share = Math.max(0, Math.floor((descriptors - RESERVED_DESCRIPTORS) / 4));
  const mostKept = Math.min(MOST_KEPT_TEMPS, share);
  const folders = new ImageFolders(root, Math.min(MOST_FOLDERS, share));
  return {
    folders,
    users: 0,
    createTemp: (execution) => createTempFile({ root, execution, mostKept }),
    groups: createGroupCommit<GroupMember, MemberPlaced>({
      limits: limitsFor(descriptors),
      weigh: ({ names, bytes }) => ({ names: names.length, bytes }),
      flush: (members) => flushGroup({ root, folders }, members),
    }),
  };
}

/** Each name of a group may need a descriptor for its folder, and one for its file. */
function limitsFor(descriptors: number): GroupLimits {
  const mostNames = Math.min(MOST_NAMES, Math.max(FEWEST_NAMES, Math.floor(descriptors / 16)));
  return { mostNames, mostBytes: MOST_BYTES, gatherMs: GATHER_MS };
}
