/** A few connections to one database, and the limits of what is asked through them. */
import type { DuckDBConnection } from '@duckdb/node-api';
import { HttpProblem } from '../http-problem';

/** The most queries that wait for a connection, by default. A page may have several. */
const MOST_WAITING = 300;

type Receiver = (connection: DuckDBConnection) => void;

export class ConnectionPool {
  private readonly free: DuckDBConnection[];
  private readonly waiting: Receiver[] = [];

  /** @param queryMs the longest time that one query may take, in ms. */
  constructor(
    private readonly connections: readonly DuckDBConnection[],
    private readonly queryMs: number,
    private readonly mostWaiting = MOST_WAITING,
  ) {
    this.free = [...connections];
  }

  /**
   * Runs a query on a free connection, and interrupts it when it takes too long.
   *
   * @throws HttpProblem 503 when too many requests wait, or the query takes too long; the errors of
   *   the query.
   */
  async use<T>(query: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    const connection = await this.take();
    const deadline = performance.now() + this.queryMs;
    const timer = setTimeout(() => {
      connection.interrupt();
    }, this.queryMs);
    try {
      return await query(connection);
    } catch (error) {
      if (performance.now() < deadline) throw error;
      throw new HttpProblem(
        503,
        `The snapshot did not answer within ${this.queryMs / 1_000} seconds. Ask for less, or try again when the machine is less busy.`,
        { cause: error },
      );
    } finally {
      clearTimeout(timer);
      this.giveBack(connection);
    }
  }

  close(): void {
    for (const connection of this.connections) connection.closeSync();
  }

  private take(): Promise<DuckDBConnection> {
    const connection = this.free.pop();
    if (connection !== undefined) return Promise.resolve(connection);
    if (this.waiting.length >= this.mostWaiting)
      throw new HttpProblem(503, 'Too many requests wait for the snapshot. Try again.');
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  private giveBack(connection: DuckDBConnection): void {
    const next = this.waiting.shift();
    if (next === undefined) this.free.push(connection);
    else next(connection);
  }
}
