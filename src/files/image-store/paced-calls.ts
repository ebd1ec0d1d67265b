/**
 * The calls of the file system by which the thread that stores images makes a group durable.
 *
 * A call that returns within microseconds is made directly: the round trip through a thread of
 * libuv's pool costs several times as much CPU as the call itself. Where calls take longer, the
 * pool makes them, so that many of them wait for the disk at the same time. Only a thread which
 * serves no sockets may use this module, because a direct call blocks its event loop.
 *
 * @see docs/decisions/0053-storing-thread.md
 */
import fs from 'node:fs';
import { disk } from '../disk-calls';

/** Calls are made directly while they take less than this on average, in milliseconds. */
const QUICK_MS = 0.1;

/** Weight of one call in the moving average. */
const WEIGHT = 1 / 64;

/**
 * A longer call counts as one of this time, in milliseconds. The scheduler may interrupt any call
 * for several milliseconds, which says nothing about the disk.
 */
const MOST_MS = 2;

/** After the average exceeded {@link QUICK_MS}, the pool makes the calls of this time, in ms. */
const POOLED_MS = 2_000;

/** Decides for calls of one kind how they are made, by the times of the latest direct ones. */
export class Pace {
  private meanMs = 0;
  private pooledUntilMs = 0;

  /** @param nowMs a monotonic clock, in milliseconds. */
  constructor(private readonly nowMs = (): number => performance.now()) {}

  /** Makes a call by one of two functions that do the same. */
  async call<T>(direct: () => T, pooled: () => Promise<T>): Promise<T> {
    const startedAtMs = this.nowMs();
    if (startedAtMs < this.pooledUntilMs) return pooled();
    try {
      return direct();
    } finally {
      this.note(startedAtMs, this.nowMs());
    }
  }

  private note(startedAtMs: number, endedAtMs: number): void {
    const tookMs = Math.min(endedAtMs - startedAtMs, MOST_MS);
    this.meanMs += (tookMs - this.meanMs) * WEIGHT;
    if (this.meanMs <= QUICK_MS) return;
    // The first direct call afterwards decides: if it is slow too, the pool makes the next ones.
    this.meanMs = QUICK_MS;
    this.pooledUntilMs = endedAtMs + POOLED_MS;
  }
}

/** A file system may change names quickly whose disk takes long for a sync. */
const names = new Pace();
const syncs = new Pace();

/** The same calls as those of {@link disk}, made directly or by the pool. */
export const paced = {
  open: (file: string, flags: number) =>
    names.call(
      () => fs.openSync(file, flags),
      () => disk.open(file, flags),
    ),
  mkdir: (folder: string, mode: number) =>
    names.call(
      () => {
        fs.mkdirSync(folder, mode);
      },
      () => disk.mkdir(folder, mode),
    ),
  link: (existing: string, name: string) =>
    names.call(
      () => {
        fs.linkSync(existing, name);
      },
      () => disk.link(existing, name),
    ),
  unlink: (file: string) =>
    names.call(
      () => {
        fs.unlinkSync(file);
      },
      () => disk.unlink(file),
    ),
  fsync: (descriptor: number) =>
    syncs.call(
      () => {
        fs.fsyncSync(descriptor);
      },
      () => disk.fsync(descriptor),
    ),
};
