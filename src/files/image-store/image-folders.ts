/** The folders of images that a store gives names in, held open so that each name costs one sync and no opening. */
import fs from 'node:fs';
import path from 'node:path';
import { dataRootPaths } from '../data-root';
import { FOLDER_MODE } from '../directories';
import { disk, NO_FOLLOW, allDone } from '../disk-calls';
import { errorCode } from '../error-code';
import { PathConflict } from './path-conflict';

/** A folder, held open. */
export interface ImageFolder {
  /** A path of the entry `name` that leads through the descriptor where the system allows that: no planted link can divert it. */
  entry(name: string): string;
  sync(): Promise<void>;
}

interface OpenFolder extends ImageFolder {
  close(): void;
}

/** Linux resolves a path through a descriptor of this process. Elsewhere a held folder could differ from the one at its path. */
const DESCRIPTORS = '/proc/self/fd';
const CAN_HOLD = fs.existsSync(DESCRIPTORS);

/** Not for two flushes at once: {@link trim} closes what the other one may use. */
export class ImageFolders {
  private readonly held = new Map<string, Promise<OpenFolder>>();
  private readonly used = new Set<string>();
  /** Folders that have, or may have, new folders in them. */
  private readonly parents = new Set<string>();
  private readonly thumbs: string;

  /** `mostHeld`: folders that stay open between flushes. */
  constructor(
    root: string,
    private readonly mostHeld: number,
  ) {
    this.thumbs = dataRootPaths(root).thumbs;
  }

  /** Opens a folder, made first when it is missing. @throws PathConflict when a link or a file is in its place. */
  open(folder: string): Promise<ImageFolder> {
    this.used.add(folder);
    const known = this.held.get(folder);
    if (known !== undefined) return known;
    const opening = this.makeAndOpen(folder);
    this.held.set(folder, opening);
    opening.catch(() => this.held.delete(folder));
    return opening;
  }

  /** It is gone: the next {@link open} looks for it again. */
  forget(folder: string): void {
    const gone = this.held.get(folder);
    this.held.delete(folder);
    gone?.then(
      (open) => {
        open.close();
      },
      () => undefined,
    );
  }

  /** Syncs the folders that were opened since the last {@link trim}, and those that got new ones. */
  async sync(): Promise<void> {
    const folders = [...this.used].flatMap((folder) => this.held.get(folder) ?? []);
    await allDone([
      ...folders.map(async (folder) => (await folder).sync()),
      ...[...this.parents].map(async (parent) => {
        const open = await openFolder(parent, 0);
        await open.sync().finally(() => {
          open.close();
        });
      }),
    ]);
  }

  /** A flush has ended: closes all but the folders that may stay open, the oldest first. */
  trim(): void {
    const most = CAN_HOLD ? this.mostHeld : 0;
    const surplus = Math.max(0, this.held.size - most);
    for (const folder of [...this.held.keys()].slice(0, surplus)) this.forget(folder);
    this.used.clear();
    this.parents.clear();
  }

  close(): void {
    for (const folder of [...this.held.keys()]) this.forget(folder);
  }

  private async makeAndOpen(folder: string): Promise<OpenFolder> {
    const parent = path.dirname(folder);
    if (parent !== this.thumbs) await refuseLink(parent);
    // The parent is synced even when the folder exists: another process may have made it, and be killed before it synced the parent.
    this.parents.add(parent);
    try {
      return await openFolder(folder);
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw error;
    }
    await makeFolder(folder, this.parents);
    return openFolder(folder);
  }
}

/** A folder that takes images is no link: it would lead out of the data root. A disk mounted by a link above it is the operator's own. */
async function openFolder(folder: string, noFollow = NO_FOLLOW): Promise<OpenFolder> {
  // Windows cannot open a folder, and need not sync one: its renames are journalled.
  if (process.platform === 'win32') return unheld(folder, await disk.lstat(folder));
  const { O_DIRECTORY, O_RDONLY } = fs.constants;
  const descriptor = await disk.open(folder, O_RDONLY | O_DIRECTORY | noFollow).catch(notLinked);
  const base = CAN_HOLD ? `${DESCRIPTORS}/${descriptor}` : folder;
  return {
    entry: (name) => path.join(base, name),
    sync: () => disk.fsync(descriptor),
    close: () => {
      fs.closeSync(descriptor);
    },
  };
}

function unheld(folder: string, stat: fs.Stats): OpenFolder {
  if (!stat.isDirectory()) throw new PathConflict(`${folder} is no folder of ours`);
  return {
    entry: (name) => path.join(folder, name),
    sync: () => Promise.resolve(),
    close: () => undefined,
  };
}

function notLinked(error: unknown): never {
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

/** Makes a folder and those above it that are missing; adds the folders that got an entry to `changed`. */
async function makeFolder(folder: string, changed: Set<string>): Promise<void> {
  try {
    await disk.mkdir(folder);
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return;
    if (errorCode(error) !== 'ENOENT') throw error;
    await makeFolder(path.dirname(folder), changed);
    await makeFolder(folder, changed);
    return;
  }
  await disk.chmod(folder, FOLDER_MODE);
  changed.add(path.dirname(folder));
}
