/** A file system that is small enough to be filled. Only root can mount one. */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/**
 * Only root on Linux can mount a tmpfs. In CI a missing permission is an error instead of a skipped
 * test.
 */
export const canMount = process.platform === 'linux' && process.getuid?.() === 0;
if (!canMount && process.env.CI !== undefined)
  throw new Error('CI must run as root: these tests mount a small tmpfs');

export class SmallDisk {
  readonly folder = fs.mkdtempSync(path.join(os.tmpdir(), 'artemis-disk-'));

  constructor(megabytes: number) {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', this.folder]);
  }

  /** Fills the disk except for `leave` bytes. */
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
