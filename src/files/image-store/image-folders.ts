/**
 * The folders in which a store creates images. They are kept open, so that a new name costs one
 * sync of its folder and no open call.
 */
import fs from 'node:fs';
import path from 'node:path';
import { dataRootPaths } from '../data-root';
import { FOLDER_MODE } from '../directories';
import { disk, NO_FOLLOW, allDone } from '../disk-calls';
import { errorCode } from '../error-code';
import { paced } from './paced-calls';
import { PathConflict } from './path-conflict';

/** An open folder. */
export interface ImageFolder {
  /**
   * A path of the entry `name`. Where the system allows it, the path leads through the open
   * descriptor, so that no planted link can divert it.
   */
  entry(name: string): string;
  sync(): Promise<void>;
}

interface OpenFolder extends ImageFolder {
  close(): void;
}

/**
 * Linux resolves paths through a descriptor of this process. On other systems an open folder could
 * differ from the one at its path.
 */
const DESCRIPTOR_FOLDER = '/proc/self/fd';
const CAN_OPEN_THROUGH_DESCRIPTOR = fs.existsSync(DESCRIPTOR_FOLDER);

/**
 * Serves one flush at a time: {@link trim} closes folders that a concurrent flush could still use.
 */
export class ImageFolders {
  private readonly openFolders = new Map<string, Promise<OpenFolder>>();
  private readonly usedFolders = new Set<string>();
  /** Folders that contain, or may contain, new folders. */
  private readonly changedParents = new Set<string>();
  /**
   * Whether the umask takes bits from the mode given to mkdir, so that each new folder needs a
   * chmod call; null until the first folder was created.
   */
  private isModeNarrowed: boolean | null = null;
  private readonly thumbs: string;

  /** @param maxOpen the number of folders that stay open between flushes. */
  constructor(
    root: string,
    private readonly maxOpen: number,
  ) {
    this.thumbs = dataRootPaths(root).thumbs;
  }

  /**
   * Opens a folder, and creates it first if it is missing.
   *
   * @throws PathConflict when a link or a file has its name.
   */
  open(folder: string): Promise<ImageFolder> {
    this.usedFolders.add(folder);
    const opened = this.openFolders.get(folder);
    if (opened !== undefined) return opened;
    const opening = this.makeAndOpen(folder);
    this.openFolders.set(folder, opening);
    opening.catch(() => this.openFolders.delete(folder));
    return opening;
  }

  /** Called when the folder was removed. The next {@link open} looks for it again. */
  forget(folder: string): void {
    const gone = this.openFolders.get(folder);
    this.openFolders.delete(folder);
    gone?.then(
      (open) => {
        open.close();
      },
      () => undefined,
    );
  }

  /**
   * Makes new names durable: syncs the folders that were opened since the last {@link trim} and the
   * parents of new folders.
   */
  async sync(): Promise<void> {
    const folders = [...this.usedFolders].flatMap((folder) => this.openFolders.get(folder) ?? []);
    await allDone([
      ...folders.map(async (folder) => (await folder).sync()),
      ...[...this.changedParents].map(async (parent) => {
        const open = await openFolder(parent, 0);
        await open.sync().finally(() => {
          open.close();
        });
      }),
    ]);
  }

  /**
   * Called at the end of a flush. Closes the oldest folders beyond the number that may stay open.
   */
  trim(): void {
    const limit = CAN_OPEN_THROUGH_DESCRIPTOR ? this.maxOpen : 0;
    const surplus = Math.max(0, this.openFolders.size - limit);
    for (const folder of [...this.openFolders.keys()].slice(0, surplus)) this.forget(folder);
    this.usedFolders.clear();
    this.changedParents.clear();
  }

  close(): void {
    for (const folder of [...this.openFolders.keys()]) this.forget(folder);
  }

  private async makeAndOpen(folder: string): Promise<OpenFolder> {
    const parent = path.dirname(folder);
    if (parent !== this.thumbs) await refuseLink(parent);
    // The parent is synced even when the folder exists: another process may have created the folder
    // and been killed before it synced the parent.
    this.changedParents.add(parent);
    try {
      return await openFolder(folder);
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw error;
    }
    await this.make(folder);
    return openFolder(folder);
  }

  /** Creates a folder and its missing parents, and notes the folders that got a new entry. */
  private async make(folder: string): Promise<void> {
    try {
      await paced.mkdir(folder, FOLDER_MODE);
    } catch (error) {
      if (errorCode(error) === 'EEXIST') return;
      if (errorCode(error) !== 'ENOENT') throw error;
      await this.make(path.dirname(folder));
      await this.make(folder);
      return;
    }
    this.isModeNarrowed ??= ((await disk.lstat(folder)).mode & 0o777) !== FOLDER_MODE;
    if (this.isModeNarrowed) await disk.chmod(folder, FOLDER_MODE);
    this.changedParents.add(path.dirname(folder));
  }
}

/**
 * Opens a folder. A folder of images must not be a link, which could lead out of the data root.
 * Links above the folders of images are the operator's own, for example to mount a disk.
 */
async function openFolder(folder: string, noFollow = NO_FOLLOW): Promise<OpenFolder> {
  // Windows cannot open a folder and need not sync one because its renames are journalled.
  if (process.platform === 'win32') return openByPath(folder, await disk.lstat(folder));
  const { O_DIRECTORY, O_RDONLY } = fs.constants;
  const descriptor = await paced
    .open(folder, O_RDONLY | O_DIRECTORY | noFollow)
    .catch(throwPathConflict);
  const base = CAN_OPEN_THROUGH_DESCRIPTOR ? `${DESCRIPTOR_FOLDER}/${descriptor}` : folder;
  return {
    entry: (name) => path.join(base, name),
    sync: () => paced.fsync(descriptor),
    close: () => {
      fs.closeSync(descriptor);
    },
  };
}

function openByPath(folder: string, stat: fs.Stats): OpenFolder {
  if (!stat.isDirectory()) throw new PathConflict(`${folder} is no folder of ours`);
  return {
    entry: (name) => path.join(folder, name),
    sync: () => Promise.resolve(),
    close: () => undefined,
  };
}

function throwPathConflict(error: unknown): never {
  const code = errorCode(error);
  if (code !== 'ELOOP' && code !== 'ENOTDIR') throw error;
  const { path: folder = 'a folder of images' } = error as NodeJS.ErrnoException;
  throw new PathConflict(`${folder} is a link or a file, not a folder of ours`, { cause: error });
}

async function refuseLink(folder: string): Promise<void> {
  const stat = await disk.lstat(folder).catch(() => null);
  if (stat?.isSymbolicLink() === true)
    throw new PathConflict(`${folder} is a link, not a folder of ours`);
}
