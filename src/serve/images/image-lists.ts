/**
 * The results of queries for images, as numbers of rows. A page of a grid is a slice of such a
 * list, so a jump to any place costs the same.
 */
import type { Answer } from '../../report/ask';
import { HttpProblem } from '../http-problem';
import type { FacetCounts } from '../json-answers';
import { questionOf } from '../sql/sql-link';
import type { OpenSnapshot } from '../snapshot/open-snapshot';
import { countFacets } from './facet-counts';
import { addressOf, conditionOf, ORDERS, type ImageQuery } from './image-query';

/** All lists together may have this many bytes, four for each image. */
const MOST_BYTES = 32_000_000;

/** The most lists and counts that wait to be made. */
const MOST_WAITING = 50;

/** The numbers of the rows; a number for all of them, in their order. */
export type List = Uint32Array | number;

export class ImageLists {
  /** The list that was used last is the last one. */
  private readonly lists = new Map<string, Promise<List>>();
  private readonly facets = new Map<string, Promise<readonly FacetCounts[]>>();

  private lastMade: Promise<unknown> = Promise.resolve();
  private waiting = 0;

  /** @returns how many images there are, and the numbers of the rows from one of them on. */
  async slice(
    snapshot: OpenSnapshot,
    query: ImageQuery,
    { from, count }: { readonly from: number; readonly count: number },
  ): Promise<{ readonly total: number; readonly rows: readonly number[] }> {
    const list = await this.listOf(snapshot, query);
    const total = typeof list === 'number' ? list : list.length;
    const length = Math.max(0, Math.min(count, total - from));
    if (typeof list === 'number')
      return { total, rows: Array.from({ length }, (_, at) => from + at) };
    return { total, rows: [...list.subarray(from, from + length)] };
  }

  /** The values of each facet among the images that all other filters leave. */
  facetsOf(snapshot: OpenSnapshot, query: ImageQuery): Promise<readonly FacetCounts[]> {
    const key = `${snapshot.id} ${addressOf({ ...query, order: 'catalog' })}`;
    const known = this.facets.get(key);
    if (known !== undefined) return known;
    const counting = this.countFacets(snapshot, query);
    this.facets.set(key, counting);
    counting.catch(() => this.facets.delete(key));
    const [oldest] = this.facets.keys();
    if (this.facets.size > 200 && oldest !== undefined) this.facets.delete(oldest);
    return counting;
  }

  /** People wait for the pictures, so the list of the same query is made first. */
  private async countFacets(
    snapshot: OpenSnapshot,
    query: ImageQuery,
  ): Promise<readonly FacetCounts[]> {
    if (!hasRelationsFor(snapshot, query)) return [];
    await this.listOf(snapshot, query);
    return this.inTurn(() => countFacets(snapshot, query, searched(snapshot)));
  }

  /** All of the query's rows, in the order of the catalogs, whatever the order of the query is. */
  all(snapshot: OpenSnapshot, query: ImageQuery): Promise<List> {
    return this.listOf(snapshot, { ...query, order: 'catalog' });
  }

  private async listOf(snapshot: OpenSnapshot, query: ImageQuery): Promise<List> {
    const key = listKeyOf(snapshot, query);
    const known = this.lists.get(key);
    if (known !== undefined) {
      this.lists.delete(key);
      this.lists.set(key, known);
      return known;
    }
    const made = this.inTurn(() => makeList(snapshot, query));
    this.lists.set(key, made);
    made.catch(() => this.lists.delete(key));
    await made;
    await this.forgetOldest();
    return made;
  }

  /**
   * Lists are made one after another: a sort of a million rows needs memory, and the other
   * connection stays free for short queries.
   *
   * @throws HttpProblem 503 when too many wait.
   */
  private async inTurn<T>(make: () => Promise<T>): Promise<T> {
    if (this.waiting >= MOST_WAITING)
      throw new HttpProblem(503, 'Too many requests wait for the snapshot. Try again.');
    this.waiting += 1;
    const made = this.lastMade.then(make);
    this.lastMade = made.catch(() => undefined);
    try {
      return await made;
    } finally {
      this.waiting -= 1;
    }
  }

  private async forgetOldest(): Promise<void> {
    const sizes = await Promise.all(
      [...this.lists].map(async ([key, list]) => [key, sizeOf(await list.catch(() => 0))] as const),
    );
    let bytes = sizes.reduce((sum, [, size]) => sum + size, 0);
    for (const [key, size] of sizes.slice(0, -1)) {
      if (bytes <= MOST_BYTES) return;
      this.lists.delete(key);
      bytes -= size;
    }
  }
}

function sizeOf(list: List): number {
  return 500 + (typeof list === 'number' ? 0 : list.byteLength);
}

/** What is counted beside the images does not change their list. */
function listKeyOf(snapshot: OpenSnapshot, query: ImageQuery): string {
  return `${snapshot.id} ${addressOf({ ...query, by: null })}`;
}

async function makeList(snapshot: OpenSnapshot, query: ImageQuery): Promise<List> {
  if (addressOf({ ...query, by: null }) === '') return snapshot.imageCount;
  if (!hasRelationsFor(snapshot, query)) return 0;
  const order = [orderSql(snapshot, query), 'row'].filter((one) => one !== '').join(', ');
  return snapshot.numbers(
    `SELECT row::UINTEGER FROM serving.image_row WHERE ${conditionOf(query, searched(snapshot))} ORDER BY ${order}`,
  );
}

/** The query that a person may use to get the same images. */
export function sqlOf(snapshot: OpenSnapshot, query: ImageQuery): string {
  const order = orderSql(snapshot, query) || 'collection NULLS FIRST, record';
  return `SELECT source_image_id, state, thumb_path FROM image
WHERE ${conditionOf(query, searched(snapshot))}
ORDER BY ${order}`;
}

/** The images of a query by collection, and by what a run may do with them. */
export function countsSql(snapshot: OpenSnapshot, query: ImageQuery): string {
  return `SELECT collection, count(*)::BIGINT AS images,
  count(*) FILTER (state = 'pending' OR (state = 'failed' AND last_error_retryable))::BIGINT AS open,
  count(*) FILTER (state = 'failed' AND NOT last_error_retryable)::BIGINT AS permanent,
  count(*) FILTER (state = 'stored')::BIGINT AS stored
FROM image
WHERE ${hasRelationsFor(snapshot, query) ? conditionOf(query, searched(snapshot)) : 'false'}
GROUP BY collection ORDER BY collection NULLS FIRST`;
}

/** An order by features is that of the catalogs where there are none. */
function orderSql({ relations }: OpenSnapshot, { order }: ImageQuery): string {
  const { sql, ofFeatures } = ORDERS[order];
  return ofFeatures === true && !relations.has('feature') ? '' : sql;
}

function hasRelationsFor({ relations, hasIssues }: OpenSnapshot, query: ImageQuery): boolean {
  if (query.filters.issue !== undefined && !hasIssues) return false;
  if (query.filters.colour !== undefined && !relations.has('feature')) return false;
  return query.group === null || relations.has('cluster_member');
}

/** The id is searched in the images, which have those of the catalog and of removed images. */
function searched({ catalogColumns }: OpenSnapshot): readonly string[] {
  return catalogColumns.filter((column) => column !== 'source_image_id');
}

/** Asks like a report does: a question that the snapshot cannot answer says why. */
export async function ask(snapshot: OpenSnapshot, sql: string): Promise<Answer> {
  const question = questionOf(sql);
  try {
    return { ...question, rows: await snapshot.rows(sql) };
  } catch (error) {
    return { ...question, problem: error instanceof Error ? error.message : String(error) };
  }
}
