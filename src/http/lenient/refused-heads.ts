/**
 * Remembers URLs whose heads or bodies undici's parser refused, and origins that have only such
 * heads.
 */
import type { Exchange } from '../exchange';
import { asFetchFailure, FetchFailure } from '../failures/fetch-failure';

/** After this number of refused heads in a row, the host is the cause, and not one URL. */
const REFUSED_IN_A_ROW = 3;

export class RefusedHeads {
  /** Refused heads since the last valid one, by origin. */
  readonly #refused = new Map<string, number>();
  readonly #urls = new Set<string>();

  /** Whether the next answer of the URL is read leniently. */
  isLenient({ href, origin }: URL): boolean {
    return this.#urls.has(href) || (this.#refused.get(origin) ?? 0) >= REFUSED_IN_A_ROW;
  }

  /** The next answers of the URL are read leniently. */
  readLeniently({ href }: URL): void {
    this.#urls.add(href);
  }

  /** Notes how a head of the URL's origin was parsed. Resolves and rejects as `receiving` does. */
  async note({ href, origin }: URL, receiving: Promise<Exchange>): Promise<Exchange> {
    try {
      const response = await receiving;
      this.#refused.delete(origin);
      return response;
    } catch (error) {
      const failure = asFetchFailure(error, 'head');
      if (failure instanceof FetchFailure && failure.code === 'protocol') {
        this.#urls.add(href);
        this.#refused.set(origin, (this.#refused.get(origin) ?? 0) + 1);
      }
      throw error;
    }
  }
}
