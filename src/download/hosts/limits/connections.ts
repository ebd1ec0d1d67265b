/**
 * The connections that a batch may use to one host at once: those of its budget, and fewer where
 * the host refuses some of them.
 */

/** After this number of answers without a refusal, one more connection is tried. */
const ANSWERS_BEFORE_GROWTH = 20;

/** A single connection that ends after its request may be due to the image that was asked for. */
const LEAST_ENDED = 2;

/**
 * A host that answered this recently is up, and its other connections may have been closed too late
 * for it. In milliseconds.
 */
const RECENT_MS = 1_000;

export class Connections {
  private most: number;
  private open = 0;
  /** Connections that are open and not in use. */
  private kept = 0;
  private answers = 0;
  /** Connections that ended after their request, since the last twenty answers. */
  private ended = 0;
  private answeredAt = Number.NEGATIVE_INFINITY;
  private readonly queue = new Set<() => void>();

  /**
   * `budget` is the largest number of connections. A request waits `reuseWaitMs` for a connection
   * in use before it opens another one, in milliseconds; with 0 it opens one at once.
   */
  constructor(
    private readonly budget: number,
    private readonly reuseWaitMs: number,
  ) {
    this.most = budget;
  }

  /** Waits for a connection. */
  async take(): Promise<void> {
    const { open, kept, reuseWaitMs } = this;
    if (open < this.most && (kept > 0 || open === 0 || reuseWaitMs === 0)) {
      this.kept = Math.max(0, kept - 1);
      this.open += 1;
    } else await this.waitForConnection();
  }

  /** The connection is passed to the next waiting request, or kept for a later one. */
  release(): void {
    const waiting = this.open > this.most ? undefined : this.takeFirstWaiting();
    if (waiting !== undefined) {
      waiting();
      return;
    }
    this.open -= 1;
    this.kept += 1;
  }

  /**
   * The host refused a connection, or ended it without an answer. Called before its release.
   *
   * @param isSent whether the request had been sent.
   * @returns false when it was the only one for some time, because the host may be down, and when
   *   it was the first that ended after its request.
   */
  refused(isSent: boolean): boolean {
    if (this.open < 2 && performance.now() - this.answeredAt > RECENT_MS) return false;
    if (isSent) this.ended += 1;
    if (isSent && this.ended < LEAST_ENDED) return false;
    this.most = Math.max(1, Math.min(this.most, this.open) - 1);
    this.answers = 0;
    return true;
  }

  /** A request was answered. */
  answered(): void {
    this.answeredAt = performance.now();
    this.answers += 1;
    if (this.answers < ANSWERS_BEFORE_GROWTH) return;
    this.answers = 0;
    this.ended = 0;
    if (this.most === this.budget) return;
    this.most += 1;
    if (this.open < this.most) this.wakeOne();
  }

  /**
   * Wakes all waiting callers. Each of them finds out why it was woken, and releases its
   * connection.
   */
  wakeAll(): void {
    while (this.queue.size > 0) this.wakeOne();
  }

  private waitForConnection(): Promise<void> {
    return new Promise((resolve) => {
      this.queue.add(resolve);
      if (this.open >= this.most) return;
      setTimeout(() => {
        if (this.open >= this.most || !this.queue.delete(resolve)) return;
        this.open += 1;
        resolve();
      }, this.reuseWaitMs).unref();
    });
  }

  private wakeOne(): void {
    const waiting = this.takeFirstWaiting();
    if (waiting === undefined) return;
    this.open += 1;
    waiting();
  }

  private takeFirstWaiting(): (() => void) | undefined {
    const [first] = this.queue;
    if (first !== undefined) this.queue.delete(first);
    return first;
  }
}
