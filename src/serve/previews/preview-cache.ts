/** The folder `previews/` of the data root, which has less than a limited number of bytes. */
import type { Dirent } from 'node:fs';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { dataRootPaths } from '../../files/data-root';
import { tempName } from '../../files/temp-names';

/** Beyond the limit the previews that were made first are deleted, until this share is left. */
const SHARE_LEFT = 0.8;

export class PreviewCache {
  private readonly folder: string;
  private readonly tmp: string;
  /** Bytes of the folder; null until it was counted. */
  private bytes: number | null = null;
  private making: Promise<void> | null = null;

  constructor(
    dataRoot: string,
    private readonly mostBytes: number,
  ) {
    ({ previews: this.folder, tmp: this.tmp } = dataRootPaths(dataRoot));
  }

  pathOf(sha256: string, side: number): string {
    return path.join(this.folder, sha256.slice(0, 2), `${sha256}-${side}.webp`);
  }

  /** @returns a path for a new file, in a folder that is there. */
  async newFile(): Promise<string> {
    await mkdir(this.tmp, { recursive: true });
    return path.join(this.tmp, tempName('preview'));
  }

  /** Moves a finished file to its place. */
  async keep(file: string, target: string, bytes: number): Promise<void> {
    await mkdir(path.dirname(target), { recursive: true });
    await rename(file, target);
    if (this.bytes !== null) this.bytes += bytes;
    if (this.bytes === null || this.bytes > this.mostBytes)
      // A folder that cannot be read is counted again with the next preview.
      this.making ??= this.makeRoom()
        .catch(() => undefined)
        .finally(() => (this.making = null));
  }

  private async makeRoom(): Promise<void> {
    const files = await this.list();
    let bytes = files.reduce((sum, file) => sum + file.bytes, 0);
    if (bytes > this.mostBytes) {
      for (const file of [...files].sort((a, b) => a.madeAt - b.madeAt)) {
        if (bytes <= SHARE_LEFT * this.mostBytes) break;
        await rm(file.path, { force: true });
        bytes -= file.bytes;
      }
    }
    this.bytes = bytes;
  }

  private async list(): Promise<
    readonly { readonly path: string; readonly bytes: number; readonly madeAt: number }[]
  > {
    const entries = await readdir(this.folder, { recursive: true, withFileTypes: true });
    const found = entries.filter((entry) => entry.isFile()).map(sizeOf);
    return (await Promise.all(found)).filter((file) => file !== null);
  }
}

async function sizeOf(entry: Dirent) {
  const file = path.join(entry.parentPath, entry.name);
  const stats = await stat(file).catch(() => null);
  return stats === null ? null : { path: file, bytes: stats.size, madeAt: stats.mtimeMs };
}
