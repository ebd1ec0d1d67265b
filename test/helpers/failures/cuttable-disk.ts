/**
 * A disk whose power can be cut while processes write to it. It is a file system on a loop device,
 * whose backing file lies on XFS (`middle`) on a loop device, whose backing file lies on XFS
 * (`outer`). On XFS a copy by reflink takes an instant:
 *
 * - A copy of the inner backing file is the disk with every write that it had received.
 * - A copy of the outer one is the disk with what it had been told to flush. What it received later
 *   is in the page cache of `middle` only, as in the cache of a drive.
 *
 * Needs root on Linux, and xfsprogs.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/**
 * The file systems that a data root can be tested on. With a journal, a flush of any file also
 * makes all older names in folders durable. ext4 without one keeps only what was asked for.
 */
export type FileSystem = keyof typeof MAKE;

const MAKE = {
  ext4: ['mkfs.ext4', '-q'],
  xfs: ['mkfs.xfs', '-q'],
  btrfs: ['mkfs.btrfs', '-q'],
  'ext4 without a journal': ['mkfs.ext4', '-q', '-O', '^has_journal'],
} as const;

/** What of the disk is left: all writes, or those before its last flush and some later ones. */
export type CutKind = 'received' | 'flushed';

/** A disk at the instant at which its power was cut: a copy of a backing file. */
export interface CutDisk {
  readonly kind: CutKind;
  readonly copy: string;
}

/** Bytes of the disk, which is a sparse file, as all are. */
const DISK_BYTES = 4 * 1024 ** 3;

/** Unflushed writes reach a disk in any order. So many stretches of this size do at a cut. */
const WRITTEN_STRETCHES = 200;
const STRETCH_BYTES = 1024 ** 2;

export function canCutDisks(inside: FileSystem = 'ext4'): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  return ['mkfs.xfs', 'xfs_io', MAKE[inside][0]].every(
    (program) => spawnSync('which', [program]).status === 0,
  );
}

export class CuttableDisk {
  private cuts = 0;
  private readonly mounted: string[] = [];
  private readonly middleFile: string;
  private readonly diskFile: string;

  private constructor(
    private readonly folder: string,
    private readonly mountPoint: string,
    private readonly inside: FileSystem,
  ) {
    this.middleFile = path.join(folder, 'outer', 'middle.img');
    this.diskFile = path.join(folder, 'middle', 'disk.img');
  }

  /** Makes an empty disk and mounts it at `mountPoint`. */
  static create(mountPoint: string, inside: FileSystem = 'ext4'): CuttableDisk {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'artemis-power-'));
    const disk = new CuttableDisk(folder, mountPoint, inside);
    const outerFile = path.join(folder, 'outer.img');
    disk.mountNew(outerFile, path.join(folder, 'outer'), { kind: 'xfs', bytes: 9 * DISK_BYTES });
    disk.mountNew(disk.middleFile, path.join(folder, 'middle'), {
      kind: 'xfs',
      bytes: 3 * DISK_BYTES,
    });
    disk.mountNew(disk.diskFile, mountPoint, { kind: inside, bytes: DISK_BYTES });
    return disk;
  }

  /**
   * Copies what is left of the disk when its power is cut now.
   *
   * @param random returns numbers in [0, 1), which choose the writes that came after the last flush
   *   and are left.
   */
  cut(kind: CutKind, random: () => number): CutDisk {
    this.cuts += 1;
    if (kind === 'flushed') this.writeStretches(random);
    const file = kind === 'flushed' ? this.middleFile : this.diskFile;
    const copy = path.join(path.dirname(file), `cut-${this.cuts}.img`);
    execFileSync('cp', ['--reflink=always', file, copy]);
    return { kind, copy };
  }

  /** Mounts what a cut left in place of what is mounted, as a machine does that starts again. */
  restore({ kind, copy }: CutDisk): void {
    this.unmountLast();
    let file = copy;
    if (kind === 'flushed') {
      const middle = fs.mkdtempSync(path.join(this.folder, 'restored-'));
      this.mount(copy, middle);
      file = path.join(middle, path.basename(this.diskFile));
    }
    if (this.inside === 'ext4 without a journal') spawnSync('e2fsck', ['-fy', file]);
    this.mount(file, this.mountPoint);
  }

  dispose(): void {
    while (this.mounted.length > 0) this.unmountLast();
    fs.rmSync(this.folder, { recursive: true, force: true });
  }

  /** Begins to write stretches of the page cache of `middle`, without a flush. */
  private writeStretches(random: () => number): void {
    const commands = Array.from({ length: WRITTEN_STRETCHES }, () => {
      const offset = Math.floor((random() * DISK_BYTES) / STRETCH_BYTES) * STRETCH_BYTES;
      return ['-c', `sync_range -w ${offset} ${STRETCH_BYTES}`];
    });
    execFileSync('xfs_io', [...commands.flat(), this.diskFile]);
  }

  private mountNew(
    file: string,
    folder: string,
    { kind, bytes }: { readonly kind: FileSystem; readonly bytes: number },
  ): void {
    fs.closeSync(fs.openSync(file, 'w'));
    fs.truncateSync(file, bytes);
    const [program, ...options] = MAKE[kind];
    execFileSync(program, [...options, file]);
    fs.mkdirSync(folder, { recursive: true });
    this.mount(file, folder);
  }

  /** A copy of an XFS has the identifier of the original, which it may not be mounted beside. */
  private mount(file: string, folder: string): void {
    const kind = execFileSync('blkid', ['-o', 'value', '-s', 'TYPE', file], { encoding: 'utf8' });
    const options = kind.trim() === 'xfs' ? 'loop,nouuid' : 'loop';
    execFileSync('mount', ['-o', options, file, folder]);
    this.mounted.push(folder);
  }

  /**
   * Lazily: a process that was killed may still end, and other mount namespaces may have a copy.
   */
  private unmountLast(): void {
    const folder = this.mounted.pop();
    if (folder !== undefined) execFileSync('umount', ['--lazy', folder]);
  }
}
