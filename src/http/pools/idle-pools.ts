/**
 * The idle connection pools of a process, kept open so that a later request needs no new
 * connection.
 */
export interface IdlePool {
  close(): void;
}

export class IdlePools {
  /** The pools, the one that has been idle longest first. */
  readonly #pools = new Set<IdlePool>();

  /** With more than `maxIdlePools` idle pools, the one that has been idle the longest is closed. */
  constructor(private readonly maxIdlePools: number) {}

  /** Called when the last request of the pool has ended. */
  add(pool: IdlePool): void {
    this.#pools.add(pool);
    const [oldest] = this.#pools;
    if (this.#pools.size <= this.maxIdlePools || oldest === undefined) return;
    this.#pools.delete(oldest);
    oldest.close();
  }

  /** Called when the pool has a request again or is closed. */
  remove(pool: IdlePool): void {
    this.#pools.delete(pool);
  }
}
