/** A file system of its own, small enough to fill: only root can mount one. */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** Root on Linux can; a CI that cannot fails instead of skipping. */
export const canMount = process.platform === 'linux' && process.getuid?.() === 0;
if (!canMount && process.env.CI !== undefined)
  throw new Error('CI must run as root: these tests mount a small tmpfs');

export class SmallDisk {
  readonly folder = fs.mkdtempSync(path.join(os.tmpdir(), 'artemis-disk-'));

  constructor(megabytes: number) {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', this.folder]);
  }

  /** Leaves so many bytes. */
  fill(leave: number): void {
    const { bavail, bsize } = fs.statfsSync(this.folder);
    const bytes = Math.max(0, bavail * bsize - leave);
    fs.writeFileSync(path.join(this.folder, 'filler'), Buffer.alloc(bytes));
  }

  makeRoom(): void {
    fs.rmSync(path.join(this.folder, 'filler'), { force: true });
  }

  remount(mode: 'ro' | 'rw'): void {
    execFileSync('mount', ['-o', `remount,${mode}`, this.folder]);
  }

  unmount(): void {
    execFileSync('umount', [this.folder]);
    fs.rmdirSync(this.folder);
  }
}
