/**
 * Which columns a run would take, so that every URL of the sample that looks like an image becomes
 * one.
 */
import type { CatalogShape, ColumnNames } from '../../contract/run-input';
import { ImageRows } from '../records/image-rows';
import type { ColumnFacts, Proposal } from './inspection';
import type { Sample } from './read-sample';
import { IMAGE_NAME, isAbsolute, isRelativeImage } from './url-kind';

/**
 * Names of columns with ids, the best first. A name without any of these is not taken for an id.
 */
const ID_NAMES: readonly RegExp[] = [
  /^[_@]?id$/i,
  /^(?:object|record|item|image|media|asset|work|photo)[_ .-]?(?:id|number|no)$/i,
  /(?:^|[_ .:-])(?:id|identifier|uuid|guid)$/i,
  /[a-z](?:ID|Id|id)$/,
  /^(?:key|sku|handle|slug|accession.*|acno|.*[_ .-]?number|objectid)$/i,
  /^(?:code|barcode|ean|gtin|upc|isbn(?:_?1[03])?|(?:parent_)?asin)$/i,
  /(?:^|[_ .-])(?:nr|inventarnummer|signatur)\.?$/i,
];
const SMALL_NAME = /thumb|preview|small|icon/i;
const SEPARATOR = /\.(?:jpe?g|png|gif|webp|tiff?)(?:\s*([|;,])\s*|(\s))\S/i;
const PLACEHOLDER_BASE = 'https://example.org/';
const LONGEST_EXAMPLE = 200;
const WHOLE_NUMBER = /^-?\d+\.0+$/;

type ChosenShape = Pick<
  CatalogShape,
  'many' | 'idFrom' | 'header' | 'urlSeparator' | 'baseUrl' | 'integerIds'
> & { readonly columns: ColumnNames };

export interface ProposedShape {
  readonly proposal: Proposal | null;
  readonly urls: number;
  readonly taken: number;
  /** Different values in the columns of the proposal that are no URLs, and the first of them. */
  readonly others: number;
  readonly firstOther: string | null;
}

export function proposeShape(sample: Sample, facts: readonly ColumnFacts[]): ProposedShape {
  const { job } = sample;
  // The column with the URLs of manifests is known. Their ids are URLs too, and are not images.
  const urlColumns = chooseUrlColumns(
    job.format === 'iiif' ? facts.filter(({ name }) => name === 'url') : facts,
  );
  if (urlColumns.length === 0)
    return { proposal: null, urls: 0, taken: 0, others: 0, firstOther: null };
  const isRelative = urlColumns.every(({ urls }) => urls?.absolute === 0);
  const urlSeparator = isRelative ? separatorIn(urlColumns) : undefined;
  const base: ChosenShape = {
    columns: { id: 'id', url: urlColumns.map(({ name }) => name) },
    header: job.header,
    ...(isRelative ? { baseUrl: PLACEHOLDER_BASE } : {}),
    ...(urlSeparator === undefined ? {} : { urlSeparator }),
  };
  const all = takenBy(sample, { ...base, idFrom: 'url' });
  const single = facts.filter(({ name }) => isOneColumn(sample, name));
  const chosen = chooseIds(sample, base, idCandidates(single, urlColumns), all.urls);
  const shape = chosen ?? { ...base, idFrom: 'url' as const };
  const { urls: taken, others, ids } = takenBy(sample, shape);
  const noUrls = [...others].filter((text) => !isRelativeImage(text));
  const { idFrom, many } = shape;
  const baseUrl = isRelative ? commonScheme(sample, shape) : undefined;
  const isList = job.format === 'urls';
  const id = idFrom === undefined ? String(shape.columns.id) : undefined;
  const integerIds =
    id !== undefined && ids.length > 0 && ids.every((text) => WHOLE_NUMBER.test(text));
  return {
    proposal: {
      columns: {
        ...(id === undefined ? {} : { id }),
        url: isList ? [] : (base.columns.url as string[]),
      },
      ...(idFrom === undefined || isList ? {} : { idFrom }),
      ...(many === true ? { many } : {}),
      ...(integerIds ? { integerIds } : {}),
      ...(urlSeparator === undefined ? {} : { urlSeparator }),
      ...(baseUrl === undefined ? {} : { baseUrl }),
      needsBase: isRelative && baseUrl === undefined,
    },
    urls: all.urls.size,
    taken: taken.size,
    others: noUrls.length,
    firstOther: noUrls[0]?.slice(0, LONGEST_EXAMPLE) ?? null,
  };
}

/** A column with ids must be the only one of its name. */
function isOneColumn({ columns: { columns } }: Sample, name: string): boolean {
  return columns.indexOf(name) === columns.lastIndexOf(name);
}

/** The columns whose URLs look like images, or else those whose URLs look like nothing else. */
function chooseUrlColumns(facts: readonly ColumnFacts[]): readonly ColumnFacts[] {
  const withUrls = facts.filter(({ urls }) => urls !== null);
  const absolute = withUrls.filter(({ urls }) => urls !== null && urls.absolute * 2 >= urls.count);
  const candidates = absolute.length > 0 ? absolute : withUrls;
  const isImage = ({ name, urls }: ColumnFacts): boolean =>
    urls?.kind === 'image' || (urls?.kind === 'unknown' && IMAGE_NAME.test(name));
  const images = candidates.filter(isImage);
  if (images.length > 0) return [...images, ...originalsOf(images, candidates)];
  const unknown = candidates.filter(({ urls }) => urls?.kind === 'unknown');
  return unknown.length > 0 ? unknown : candidates;
}

/**
 * Where only the small versions of images are called so, the URLs beside them in the same list of
 * objects may be those of the images themselves.
 */
function originalsOf(
  images: readonly ColumnFacts[],
  candidates: readonly ColumnFacts[],
): readonly ColumnFacts[] {
  if (!images.every(({ name }) => SMALL_NAME.test(name))) return [];
  const lists = new Set(images.map(({ name }) => listOf(name)));
  return candidates.filter(
    (column) =>
      !images.includes(column) && column.urls?.kind === 'unknown' && lists.has(listOf(column.name)),
  );
}

/** The path of the list whose objects have the value; the column itself where there is none. */
function listOf(path: string): string {
  const end = path.lastIndexOf('[]');
  return end < 0 ? path : path.slice(0, end);
}

/** The base of URLs that begin with `//`: they lack no more than a scheme, and name their hosts. */
function commonScheme(sample: Sample, { baseUrl: _, ...shape }: ChosenShape): string | undefined {
  const urls = [...takenBy(sample, { ...shape, idFrom: 'url' }).others];
  const [first = ''] = urls;
  if (!urls.every((url) => url.startsWith('//')) || !URL.canParse(`https:${first}`))
    return undefined;
  return new URL(`https:${first}`).origin;
}

function separatorIn(columns: readonly ColumnFacts[]): string | undefined {
  const cells = columns.flatMap(({ examples }) => examples);
  return cells
    .flatMap((cell) => SEPARATOR.exec(cell)?.slice(1) ?? [])
    .find((mark: string | undefined) => mark !== undefined);
}

/** The names of columns that may hold ids, the most likely one first. */
function idCandidates(
  facts: readonly ColumnFacts[],
  urlColumns: readonly ColumnFacts[],
): readonly string[] {
  const named = facts.flatMap((column) => {
    const { name, filled } = column;
    const rank = ID_NAMES.findIndex((pattern) => pattern.test(name));
    const isUsable = rank >= 0 && filled > 0 && !name.includes('[') && !urlColumns.includes(column);
    return isUsable ? [{ name, rank }] : [];
  });
  return named.sort((a, b) => a.rank - b.rank).map(({ name }) => name);
}

/** The first column with which no URL is lost, or the first with which none is lost with `many`. */
function chooseIds(
  sample: Sample,
  base: ChosenShape,
  candidates: readonly string[],
  all: ReadonlySet<string>,
): ChosenShape | null {
  for (const many of [undefined, true])
    for (const id of candidates) {
      const columns = { ...base.columns, id };
      const shape: ChosenShape = { ...base, columns, ...(many === undefined ? {} : { many }) };
      if (takenBy(sample, shape).urls.size === all.size) return shape;
    }
  return null;
}

interface TakenTexts {
  readonly urls: ReadonlySet<string>;
  /** Texts in the place of URLs that have no scheme, or another one. */
  readonly others: ReadonlySet<string>;
  /** The ids of their records. */
  readonly ids: readonly string[];
}

/** What a run with this shape would take. */
function takenBy({ rows, columns }: Sample, shape: ChosenShape): TakenTexts {
  const imageRows = new ImageRows(shape, columns);
  const urlOfId = new Map<string, string>();
  const urls = new Set<string>();
  const others = new Set<string>();
  const ids: string[] = [];
  for (const record of rows.records) {
    const found = imageRows.rowsOf(record);
    if ('code' in found) continue;
    for (const { id, url, object } of found) {
      if (url === null) continue;
      ids.push(object);
      const known = urlOfId.get(id) ?? url;
      urlOfId.set(id, known);
      if (known === url) (isAbsolute(url) ? urls : others).add(url);
    }
  }
  return { urls, others, ids };
}
