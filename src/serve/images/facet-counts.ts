/** How many images of a query have each value of what images are counted by. */
import { identifier } from '../../duckdb/sql-text';
import type { Row } from '../../report/ask';
import { visible } from '../../report/html/html';
import type { FacetCounts, FacetValue } from '../json-answers';
import type { OpenSnapshot } from '../snapshot/open-snapshot';
import { columnParameter, MOST_FILTER_VALUE } from './column-filters';
import { conditionOf, FACETS, type Facet, type ImageQuery } from './image-query';

/** The values of each facet that are shown, the commonest first. */
const MOST_VALUES = 12;

/**
 * Counts the values of each facet among the images that all other filters leave.
 *
 * @param columns the columns of the catalog that are searched.
 */
export async function countFacets(
  snapshot: OpenSnapshot,
  query: ImageQuery,
  columns: readonly string[],
): Promise<readonly FacetCounts[]> {
  const isFiltered = ({ name }: Facet): boolean => query.filters[name] !== undefined;
  const unfiltered = FACETS.filter((facet) => !isFiltered(facet));
  // A search reads the whole catalog, so facets with the same images are counted by one query.
  const rowsByName = await countedRows(snapshot, unfiltered, conditionOf(query, columns));
  for (const facet of FACETS.filter(isFiltered)) {
    const rows = await countedRows(snapshot, [facet], conditionOf(query, columns, facet.name));
    rowsByName.set(facet.name, rows.get(facet.name) ?? []);
  }
  return [
    ...(await countColumn(snapshot, query, columns)),
    ...FACETS.flatMap((facet) => asCounts(facet, rowsByName.get(facet.name) ?? [])),
  ];
}

/** The values of the catalog's column that the query names, where the catalog has it. */
async function countColumn(
  snapshot: OpenSnapshot,
  query: ImageQuery,
  columns: readonly string[],
): Promise<readonly FacetCounts[]> {
  const { by } = query;
  if (by === null || !columns.includes(by)) return [];
  const name = columnParameter(by);
  const condition = conditionOf(query, columns, name);
  const images =
    condition === 'true'
      ? ''
      : ` AND source_image_id IN (SELECT source_image_id FROM image WHERE ${condition})`;
  const value = `coalesce(${identifier(by)}, '')`;
  const rows = await snapshot.rows(
    `FROM (SELECT ${value} AS value, count(*)::INTEGER AS images FROM catalog_row
       WHERE length(${value}) <= ${MOST_FILTER_VALUE}${images} GROUP BY ALL)
     ORDER BY value <> '', images DESC, value LIMIT ${MOST_VALUES + 1}`,
  );
  // Who looks for rows without a value finds them, however few they are.
  const shownRows = rows
    .slice(0, MOST_VALUES)
    .sort((one, other) => Number(other.images) - Number(one.images));
  const values = shownRows.map((row) => {
    const text = String(row.value);
    const shown = text === '' ? 'none' : visible(text);
    return { value: text, images: Number(row.images), ...(shown === text ? {} : { text: shown }) };
  });
  const title = visible(by.slice(0, 100));
  return [{ name, title, values, isCut: rows.length > MOST_VALUES }];
}

/** The rows of each facet by its name: a value and a number of images, the commonest first. */
async function countedRows(
  snapshot: OpenSnapshot,
  facets: readonly Facet[],
  condition: string,
): Promise<Map<string, readonly Row[]>> {
  if (facets.length === 0) return new Map();
  const columns = facets.map((_, at) => `facet_${at}`);
  const values = facets.map(({ value }, at) => `${value} AS facet_${at}`);
  const sets = columns.map((column) => `(${column})`);
  const names = facets.map(({ name }, at) => `WHEN grouping(facet_${at}) = 0 THEN '${name}'`);
  const rows = await snapshot.rows(
    `SELECT CASE ${names.join(' ')} END AS name, coalesce(${columns.join(', ')}) AS value, count(*)::INTEGER AS images
     FROM (SELECT ${values.join(', ')} FROM image WHERE ${condition})
     GROUP BY GROUPING SETS (${sets.join(', ')})
     QUALIFY row_number() OVER (PARTITION BY name ORDER BY images DESC, value) <= ${MOST_VALUES + 1}
     ORDER BY name, images DESC, value`,
  );
  return new Map(facets.map(({ name }) => [name, rows.filter((row) => row.name === name)]));
}

/** @returns nothing for a facet without values. */
function asCounts({ name, title }: Facet, rows: readonly Row[]): readonly FacetCounts[] {
  const values: FacetValue[] = rows
    .filter(({ value }) => value !== null)
    .map(({ value, images }) => ({ value: String(value), images: Number(images) }));
  // The images without a collection are one too, as soon as there is another one.
  const unnamed = rows.find(({ value }) => value === null);
  if (name === 'collection' && unnamed !== undefined && values.length > 0)
    values.unshift({ value: '', text: 'without a name', images: Number(unnamed.images) });
  if (values.length === 0) return [];
  const isCut = rows.length > MOST_VALUES;
  return [{ name, title, values: values.slice(0, MOST_VALUES), isCut }];
}
