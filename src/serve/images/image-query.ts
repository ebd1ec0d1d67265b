/** Which images a page shows, and in which order. The address of the page has all of it. */
import { identifier, literal } from '../../duckdb/sql-text';
import { hostOfUrlSql } from '../../contract/hosts/host-of-url-sql';
import { HttpProblem } from '../http-problem';
import {
  columnFiltersIn,
  columnParameter,
  rowCondition,
  type ColumnFilter,
} from './column-filters';

/** What images are counted by. Each is a parameter of the address, which may stand once. */
export interface Facet {
  readonly name: string;
  readonly title: string;
  /** An SQL expression over the relation `image`. */
  readonly value: string;
}

export const FACETS: readonly Facet[] = [
  { name: 'state', title: 'State', value: 'state' },
  { name: 'code', title: 'Code', value: "CASE WHEN state = 'failed' THEN last_error_code END" },
  { name: 'collection', title: 'Collection', value: 'collection' },
  { name: 'format', title: 'Format', value: 'thumb_format' },
  { name: 'verdict', title: 'Verdict', value: 'thumb_verdict' },
  { name: 'host', title: 'Host', value: `nullif(${hostOfUrlSql('thumb_url')}, '')` },
];

/** Filters that pages link to, without a list of their values. */
const FURTHER: Readonly<Record<string, { readonly title: string; readonly value: string }>> = {
  added: { title: 'Added by run', value: 'first_seen_run_id' },
  removed: { title: 'No longer in the catalog of run', value: '' },
  sha256: { title: 'File', value: 'thumb_sha256' },
  colour: { title: 'Colour', value: '' },
  issue: { title: 'Issue', value: '' },
};

const NAMES: readonly string[] = [...FACETS.map(({ name }) => name), ...Object.keys(FURTHER)];

/** An order of images: what people read, and SQL. */
export interface ImageOrder {
  readonly title: string;
  /** Over the relation `image`; empty for the order of the catalogs. */
  readonly sql: string;
  /** Whether it needs what the step `features` has computed. */
  readonly ofFeatures?: boolean;
}

/** The first is that of the catalogs. */
const ORDER_LIST = {
  catalog: { title: 'As in the catalog', sql: '' },
  newest: { title: 'Newest download first', sql: 'downloaded_at DESC NULLS LAST' },
  largest: { title: 'Largest file first', sql: 'thumb_bytes DESC NULLS LAST' },
  smallest: { title: 'Smallest file first', sql: 'thumb_bytes NULLS LAST' },
  pixels: {
    title: 'Most pixels first',
    sql: 'thumb_width::BIGINT * thumb_height DESC NULLS LAST',
  },
  tries: { title: 'Most attempts first', sql: 'attempt_count DESC' },
  removed: { title: 'Last removed first', sql: 'removed_at DESC NULLS LAST' },
  blurriest: { title: 'Blurriest first', sql: featureOf('sharpness'), ofFeatures: true },
  darkest: { title: 'Darkest first', sql: featureOf('brightness'), ofFeatures: true },
  brightest: { title: 'Brightest first', sql: featureOf('brightness', 'DESC'), ofFeatures: true },
  colourful: {
    title: 'Most colourful first',
    sql: featureOf('colourfulness', 'DESC'),
    ofFeatures: true,
  },
} as const satisfies Readonly<Record<string, ImageOrder>>;

export type Order = keyof typeof ORDER_LIST;

export const ORDERS: Readonly<Record<Order, ImageOrder>> = ORDER_LIST;

function featureOf(column: string, direction = 'ASC'): string {
  return `(SELECT f.${column} FROM feature f WHERE f.sha256 = thumb_sha256) ${direction} NULLS LAST`;
}

export interface ImageQuery {
  /** Words that are searched; empty for none. */
  readonly text: string;
  /** Values by the name of the filter. An empty value means that there is none (NULL). */
  readonly filters: Readonly<Record<string, string>>;
  readonly columns: readonly ColumnFilter[];
  /** The column of the catalog whose values are counted beside the images; null for none. */
  readonly by: string | null;
  /** A group of images: its kind and id. */
  readonly group: { readonly kind: string; readonly id: string } | null;
  readonly order: Order;
}

export const ALL_IMAGES: ImageQuery = {
  text: '',
  filters: {},
  columns: [],
  by: null,
  group: null,
  order: 'catalog',
};

/** The longest text that is searched, and the longest value of a filter, in UTF-16 units. */
const MOST_TEXT = 200;
const MOST_VALUE = 1_000;

/** The most columns of the catalog that images are filtered by. */
const MOST_COLUMNS = 10;

/** @throws HttpProblem 400 that names the parameter. */
export function parseImageQuery(parameters: URLSearchParams): ImageQuery {
  const filters: Record<string, string> = {};
  for (const name of NAMES) {
    const value = parameters.get(name);
    if (value !== null) filters[name] = checked(name, value, MOST_VALUE);
  }
  return {
    text: checked('q', parameters.get('q') ?? '', MOST_TEXT).trim(),
    filters,
    columns: parseColumns(parameters),
    by: parseBy(parameters.get('by')),
    group: parseGroup(parameters.get('group')),
    order: parseOrder(parameters.get('sort')),
  };
}

function parseColumns(parameters: URLSearchParams): readonly ColumnFilter[] {
  const filters = columnFiltersIn(parameters);
  if (filters.length > MOST_COLUMNS)
    throw new HttpProblem(400, `The address has filters by more than ${MOST_COLUMNS} columns.`);
  return filters.map(({ column, value }) => {
    const name = columnParameter(column);
    return { column: checked(name, column, MOST_VALUE), value: checked(name, value, MOST_VALUE) };
  });
}

function parseBy(value: string | null): string | null {
  return value === null || value === '' ? null : checked('by', value, MOST_VALUE);
}

function parseGroup(value: string | null): ImageQuery['group'] {
  if (value === null || value === '') return null;
  const [, kind, id] = /^(exact|near|visual):([0-9a-f-]{1,40})$/.exec(value) ?? [];
  if (kind === undefined || id === undefined)
    throw new HttpProblem(400, '"group" is a kind and an id, such as near:0123456789abcdef.');
  return { kind, id };
}

function parseOrder(value: string | null): Order {
  if (value === null || value === '') return 'catalog';
  const found = orderNames().find((name) => name === value);
  if (found !== undefined) return found;
  throw new HttpProblem(400, `"sort" is one of ${orderNames().join(', ')}.`);
}

export function orderNames(): readonly Order[] {
  return Object.keys(ORDERS) as Order[];
}

/** DuckDB reads a statement to its first NUL. */
function checked(name: string, value: string, most: number): string {
  if (value.length > most)
    throw new HttpProblem(400, `"${name}" has more than ${most} characters.`);
  if (value.includes('\0')) throw new HttpProblem(400, `"${name}" has a character NUL.`);
  return value;
}

/** The parameters of the address, in one order, so that equal queries have equal addresses. */
export function addressOf({ text, filters, columns, by, group, order }: ImageQuery): string {
  const parameters = new URLSearchParams();
  if (text !== '') parameters.set('q', text);
  for (const name of NAMES) {
    const value = filters[name];
    if (value !== undefined) parameters.set(name, value);
  }
  for (const { column, value } of columns) parameters.set(columnParameter(column), value);
  if (by !== null) parameters.set('by', by);
  if (group !== null) parameters.set('group', `${group.kind}:${group.id}`);
  if (order !== 'catalog') parameters.set('sort', order);
  return parameters.toString();
}

/** The address of the page with these images. */
export function imagesLink(query: Partial<ImageQuery>): string {
  const address = addressOf({ ...ALL_IMAGES, ...query });
  return address === '' ? '/images' : `/images?${address}`;
}

/** The filters in words, with the query without each of them. */
export function filtersOf(
  query: ImageQuery,
): readonly { readonly title: string; readonly value: string; readonly without: ImageQuery }[] {
  const named = Object.entries(query.filters).map(([name, value]) => {
    const { [name]: _removed, ...filters } = query.filters;
    return { title: titleOf(name), value, without: { ...query, filters } };
  });
  return [
    ...(query.text === ''
      ? []
      : [{ title: 'Text', value: query.text, without: { ...query, text: '' } }]),
    ...named,
    ...query.columns.map((filter) => ({
      title: filter.column,
      value: filter.value,
      without: { ...query, columns: query.columns.filter((one) => one !== filter) },
    })),
    ...(query.group === null
      ? []
      : [
          {
            title: 'Group',
            value: `${query.group.kind} ${query.group.id}`,
            without: { ...query, group: null },
          },
        ]),
  ];
}

function titleOf(name: string): string {
  return FACETS.find((facet) => facet.name === name)?.title ?? FURTHER[name]?.title ?? name;
}

function valueOf(name: string): string {
  return FACETS.find((facet) => facet.name === name)?.value ?? FURTHER[name]?.value ?? 'NULL';
}

/**
 * The condition of the images, as SQL over the relation `image`.
 *
 * @param columns the columns of the catalog that are searched, besides the ids of the images.
 * @param except a filter that does not count.
 */
export function conditionOf(
  query: ImageQuery,
  columns: readonly string[],
  except?: string,
): string {
  const parts = Object.entries(query.filters)
    .filter(([name]) => name !== except)
    .map(([name, value]) => SPECIAL[name]?.(value) ?? equals(valueOf(name), value));
  if (query.text !== '') {
    const wanted = `lower(${literal(query.text)})`;
    const has = (column: string): string => `contains(lower(${identifier(column)}), ${wanted})`;
    // To join the columns of each row into one text would take half as long again.
    const inCatalog = columns.map(has).join(' OR ') || 'false';
    parts.push(
      `(${has('source_image_id')} OR source_image_id IN (SELECT source_image_id FROM catalog_row WHERE ${inCatalog}))`,
    );
  }
  const ofColumns = query.columns.filter(({ column }) => columnParameter(column) !== except);
  if (ofColumns.length > 0)
    parts.push(
      `source_image_id IN (SELECT source_image_id FROM catalog_row WHERE ${rowCondition(ofColumns, columns)})`,
    );
  if (query.group !== null) parts.push(isInGroup(query.group));
  return parts.length === 0 ? 'true' : parts.join(' AND ');
}

/** Filters that are no comparison with a value. */
const SPECIAL: Readonly<Record<string, (value: string) => string>> = {
  colour: hasColour,
  issue: hasIssue,
  removed: wasRemovedBy,
};

/** Images are removed at the time at which their run started. */
function wasRemovedBy(runId: string): string {
  return `removed_at = (SELECT started_at FROM etl_run WHERE run_id = ${literal(runId)})`;
}

/** The word for the colour that stands out, which the step `features` has found. */
function hasColour(colour: string): string {
  return `thumb_sha256 IN (SELECT sha256 FROM feature WHERE colour = ${literal(colour)})`;
}

/** An image may have several issues, so they are no column. */
function hasIssue(issue: string): string {
  return `source_image_id IN (SELECT source_image_id::VARCHAR FROM quality WHERE issue::VARCHAR = ${literal(issue)})`;
}

function equals(expression: string, value: string): string {
  return value === '' ? `(${expression}) IS NULL` : `(${expression}) = ${literal(value)}`;
}

/** Groups of equal files exist without the step `clusters` too. */
function isInGroup({ kind, id }: NonNullable<ImageQuery['group']>): string {
  return `source_image_id IN (SELECT source_image_id FROM cluster_member WHERE kind = ${literal(kind)} AND cluster_id = ${literal(id)})`;
}
