/** The pools without a request that a process keeps open, so that a later request needs no new connection. */
export interface IdlePool {
  close(): void;
}

export class IdlePools {
  /** Oldest first. */
  readonly #pools = new Set<IdlePool>();

  /** **Units** pools: beyond `most`, the one that has been idle for the longest time is closed. */
  constructor(private readonly most: number) {}

  /** The pool's last request is over. */
  add(pool: IdlePool): void {
    this.#pools.add(pool);
    const [oldest] = this.#pools;
    if (this.#pools.size <= this.most || oldest === undefined) return;
    this.#pools.delete(oldest);
    oldest.close();
  }

  /** The pool has a request again, or is closed. */
  remove(pool: IdlePool): void {
    this.#pools.delete(pool);
  }
}
