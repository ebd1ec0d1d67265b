/** The running batches, and when each began. */

/**
 * Mutable; each workflow execution of the child has one. A lane has one batch at a time. Times are
 * milliseconds since the epoch.
 */
export class RunningBatches {
  private readonly since = new Map<string, number>();
  /** When a batch last began or ended. */
  changedAt = Date.now();

  get running(): number {
    return this.since.size;
  }

  lanes(): Iterable<string> {
    return this.since.keys();
  }

  /** When the oldest batch began; Infinity when there is none. */
  get oldestAt(): number {
    return Math.min(...this.since.values());
  }

  begin(lane: string): void {
    this.changedAt = Date.now();
    this.since.set(lane, this.changedAt);
  }

  end(lane: string): void {
    this.changedAt = Date.now();
    this.since.delete(lane);
  }
}
