/** Follows the published snapshot: every publication replaces its file. */
import fs from 'node:fs';
import { dataRootPaths } from '../../files/data-root';
import { errorCode } from '../../files/error-code';
import { openSnapshot, type OpenSnapshot } from './open-snapshot';

/** How often the file is looked at, in ms. */
const LOOK_EVERY_MS = 1_000;

/** The longest time that one query may take, in ms. */
const QUERY_MS = 10_000;

/** An open snapshot with the number of requests that use it. */
interface Held {
  readonly snapshot: OpenSnapshot;
  users: number;
  isReplaced: boolean;
}

export class SnapshotFollower {
  private held: Held | null = null;
  private stampSeen: string | null = null;
  private looking: Promise<void> | null = null;
  private readonly timer: NodeJS.Timeout;
  private readonly closing = new AbortController();
  /** Before this time the next publication is not opened. */
  private restsUntil = 0;

  /** Why the published file cannot be read; null when it can, or there is none. */
  problem: string | null = null;

  constructor(
    private readonly dataRoot: string,
    private readonly queryMs = QUERY_MS,
  ) {
    this.timer = setInterval(() => void this.look(), LOOK_EVERY_MS);
    this.timer.unref();
  }

  /**
   * Does the work with the newest snapshot that is open, which stays open until the work ends.
   *
   * @param work receives null while there is no snapshot that can be read.
   */
  async use<T>(work: (snapshot: OpenSnapshot | null) => Promise<T>): Promise<T> {
    if (this.held === null) await this.look();
    const { held } = this;
    if (held === null) return work(null);
    held.users += 1;
    try {
      return await work(held.snapshot);
    } finally {
      held.users -= 1;
      closeIfUnused(held);
    }
  }

  /** Opens the published snapshot unless it is open. Never fails. */
  look(): Promise<void> {
    this.looking ??= this.lookOnce().finally(() => {
      this.looking = null;
    });
    return this.looking;
  }

  async close(): Promise<void> {
    clearInterval(this.timer);
    this.closing.abort(new Error('The server ends.'));
    await this.looking;
    this.replaceBy(null);
  }

  private async lookOnce(): Promise<void> {
    const { snapshot: file } = dataRootPaths(this.dataRoot);
    const stamp = stampOf(file);
    if (stamp === this.stampSeen || Date.now() < this.restsUntil) return;
    this.stampSeen = stamp;
    this.problem = null;
    if (stamp === null) {
      this.replaceBy(null);
      return;
    }
    const startedAt = Date.now();
    try {
      const { queryMs, closing } = this;
      const opened = await openSnapshot({ file, queryMs, signal: closing.signal });
      this.forgetIfReplaced(file, stamp);
      this.replaceBy(opened);
    } catch (error) {
      // What is wrong with a file that is not there any more is of no interest.
      if (!this.forgetIfReplaced(file, stamp))
        this.problem = error instanceof Error ? error.message : String(error);
    }
    // Opening may copy the images. It takes at most a fifth of the time.
    this.restsUntil = Date.now() + 4 * (Date.now() - startedAt);
  }

  /**
   * The file may have been replaced since it was looked at. The next look opens the new one.
   *
   * @returns whether it was.
   */
  private forgetIfReplaced(file: string, stamp: string): boolean {
    const isReplaced = stampOf(file) !== stamp;
    if (isReplaced) this.stampSeen = null;
    return isReplaced;
  }

  private replaceBy(snapshot: OpenSnapshot | null): void {
    const former = this.held;
    this.held = snapshot === null ? null : { snapshot, users: 0, isReplaced: false };
    if (former === null) return;
    former.isReplaced = true;
    closeIfUnused(former);
  }
}

function closeIfUnused({ snapshot, users, isReplaced }: Held): void {
  if (isReplaced && users === 0) snapshot.close();
}

/**
 * Changes when the file is replaced, or a write-ahead log appears beside it; null without it. A
 * file of which nothing can be learnt has the error instead, and opening it says what is wrong.
 */
function stampOf(file: string): string | null {
  try {
    const { dev, ino, size, mtimeNs } = fs.statSync(file, { bigint: true });
    return `${dev}/${ino}/${size}/${mtimeNs}/${fs.existsSync(`${file}.wal`)}`;
  } catch (error) {
    const code = errorCode(error) ?? String(error);
    return code === 'ENOENT' || code === 'ENOTDIR' ? null : code;
  }
}
