/** The batches in flight, and since when. */

/** Mutable, one a run of the child; a lane has one batch at a time. **Units** ms since the epoch. */
export class RunningBatches {
  private readonly since = new Map<string, number>();
  /** When one began or ended last. */
  movedAt = Date.now();

  get running(): number {
    return this.since.size;
  }

  lanes(): Iterable<string> {
    return this.since.keys();
  }

  /** When the oldest began; Infinity when there is none. */
  get oldestAt(): number {
    return Math.min(...this.since.values());
  }

  began(lane: string): void {
    this.movedAt = Date.now();
    this.since.set(lane, this.movedAt);
  }

  ended(lane: string): void {
    this.movedAt = Date.now();
    this.since.delete(lane);
  }
}
