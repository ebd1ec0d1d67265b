/**
 * From one record of a catalog to its rows: a row is one pair of record and URL, and a record
 * without a URL is one row.
 *
 * docs/decisions/0052-shapes-of-catalogs.md describes the ids: a row's id is the record's own,
 * followed by `#` and the name of its URL column where there are several, or by `#` and the
 * beginning of its URL's hash with `many`.
 */
import { createHash } from 'node:crypto';
import { StepError } from '../../contract/errors';
import type { CatalogShape, ColumnNames, IdSource } from '../../contract/run-input';
import {
  expandUrlTemplate,
  parseUrlTemplate,
  withBaseUrl,
} from '../../contract/catalog/url-template';
import type { UrlTemplate } from '../../contract/catalog/url-template';
import type { CatalogRecord } from './catalog-record';
import { idProblem, trimUrl } from '../image-id';
import { plainField, type JsonField } from '../json/json-value';
import { ColumnPath, selectValues, type FoundPath } from './column-path';
import { splitUrls } from './split-urls';

/** The length, in hex digits, of the URL's hash in an id that is made with `many`. */
export const SUFFIX_LENGTH = 8;
/** The length of `dim_image.thumb_url_hash` in hex digits. */
export const URL_HASH_LENGTH = 32;

/** The most URLs of one record. Each URL becomes a row with all columns of the record. */
export const MOST_URLS = 10_000;

/** A row with a good id. `object` is the record's own id. */
export interface ImageRow {
  readonly id: string;
  readonly url: string | null;
  readonly object: string;
  /** The column that the URL is from; null where only one column can have it. */
  readonly urlColumn: string | null;
}

/** Which cells of a record have its id and its URLs, where both are taken from whole cells. */
export interface WholeCells {
  readonly idFrom: IdSource;
  /** The column that has the id; null when ids are made of something else. */
  readonly id: number | null;
  /** The column that has the URLs. */
  readonly url: number;
  /** Whether ids that are whole numbers lose a fraction of zeros. */
  readonly isInteger: boolean;
  /** Whether the ids of rows end with a hash of their URL. */
  readonly isSuffixed: boolean;
}

/** Why the rows of a record cannot be taken. `rows` of them are rejected. */
export interface RowsProblem {
  readonly code: 'bad_id' | 'bad_row';
  readonly detail: string;
  readonly id: string | null;
  readonly rows: number;
}

/** A path, and every column that it may be of: several columns may have one name. */
interface FoundColumns extends FoundPath {
  readonly indexes: readonly number[];
}

interface FoundUrl {
  readonly url: string | null;
  readonly column: string | null;
}

type Shape = CatalogShape & { readonly columns: ColumnNames };

/** The catalog's columns, as far as they are known. */
export interface KnownColumns {
  readonly columns: readonly string[];
  indexOf(name: string): number | undefined;
}

/** Makes rows of records. */
export class ImageRows {
  /** None when ids are not made of columns. */
  readonly idPaths: readonly ColumnPath[];
  /** Columns with URLs, or with the parts of URLs. */
  readonly urlPaths: readonly ColumnPath[];
  readonly #shape: Shape;
  readonly #template: UrlTemplate | null;
  readonly #known: KnownColumns;
  readonly #found = new Map<ColumnPath, FoundColumns | null>();
  #columnsSeen = -1;

  constructor(shape: Shape, known: KnownColumns) {
    this.#shape = shape;
    this.#known = known;
    const template = shape.urlTemplate === undefined ? null : parseUrlTemplate(shape.urlTemplate);
    if (typeof template === 'string')
      throw new StepError('input', `\`urlTemplate\` has ${template}.`);
    this.#template = template;
    this.idPaths = (shape.idFrom ?? 'column') === 'column' ? pathsOf(shape.columns.id, shape) : [];
    const inTemplate = template?.flatMap((part) => ('column' in part ? part.column : []));
    this.urlPaths = pathsOf(inTemplate ?? shape.columns.url, shape);
  }

  /** Whether each of several columns holds URLs. */
  get hasUrlColumns(): boolean {
    return this.#template === null && this.urlPaths.length > 1;
  }

  /** Paths to one value: each must be of the only column of its name. */
  get singlePaths(): readonly ColumnPath[] {
    return this.#template === null ? this.idPaths : [...this.idPaths, ...this.urlPaths];
  }

  /** Indexes of the columns whose values are ids as they stand. */
  get idColumns(): ReadonlySet<number> {
    return new Set(this.idPaths.flatMap((path) => this.#find(path)?.index ?? []));
  }

  /** Columns that the input asks for, as far as the catalog has them. */
  get wantedColumns(): readonly string[] {
    return [...this.idPaths, ...this.urlPaths].flatMap((path) => {
      const index = this.#find(path)?.index;
      return index === undefined ? [] : (this.#known.columns[index] ?? []);
    });
  }

  /**
   * Null when a record's id or URLs are made of several cells or parts of cells, and when the
   * input names what separates the URLs of a cell.
   */
  get wholeCells(): WholeCells | null {
    const { idFrom = 'column', urlSeparator = '', integerIds = false, many = false } = this.#shape;
    const [urlPath, anotherUrl] = this.urlPaths;
    const [idPath, anotherId] = this.idPaths;
    const isOfParts =
      this.#template !== null || anotherUrl !== undefined || anotherId !== undefined;
    const url = urlPath === undefined ? null : this.#find(urlPath);
    const id = idPath === undefined ? null : this.#find(idPath);
    if (isOfParts || urlSeparator !== '' || url === null || url.steps.length > 0) return null;
    if (url.indexes.length > 1) return null;
    if (idFrom === 'column' && (id === null || id.steps.length > 0)) return null;
    return {
      idFrom,
      id: id?.index ?? null,
      url: url.index,
      isInteger: integerIds,
      isSuffixed: many,
    };
  }

  rowsOf(record: CatalogRecord): readonly ImageRow[] | RowsProblem {
    const urls = this.#urlsOf(record);
    if (typeof urls === 'string') return badRow(urls);
    if (urls.length > MOST_URLS) return badRow(`the row has ${urls.length} URLs`);
    if (this.#shape.idFrom === 'url') return rowsByUrl(urls);
    const object = this.#shape.idFrom === 'record' ? String(record.record) : this.#objectOf(record);
    if (typeof object !== 'string') return { ...object, rows: urls.length };
    return urls.map(({ url, column }) => ({
      id: object + this.#suffixOf(url, column),
      url,
      object,
      urlColumn: column,
    }));
  }

  #suffixOf(url: string | null, column: string | null): string {
    if (url === null) return '';
    if (this.#shape.many === true) return `#${hashOf(url, SUFFIX_LENGTH)}`;
    return column === null ? '' : `#${column}`;
  }

  /** Always at least one: a record without a URL has one row. */
  #urlsOf(record: CatalogRecord): readonly FoundUrl[] | string {
    const urls =
      this.#template === null ? this.#urlsInColumns(record) : this.#urlByTemplate(record);
    if (typeof urls === 'string' || urls.length > 0) return urls;
    return [{ url: null, column: null }];
  }

  #urlsInColumns(record: CatalogRecord): readonly FoundUrl[] | string {
    const { urlSeparator, baseUrl } = this.#shape;
    const urls: FoundUrl[] = [];
    for (const path of this.urlPaths) {
      const cells = this.#cellsOf(record, path);
      if (typeof cells === 'string') {
        if (this.#isAskedFor(path, 'whole')) continue;
        return cells;
      }
      for (const { text } of cells)
        for (const url of splitUrls(text, urlSeparator)) {
          if (url.startsWith('{') && this.#isAskedFor(path, 'inside')) continue;
          urls.push({
            url: baseUrl === undefined ? url : withBaseUrl(url, baseUrl),
            column: this.hasUrlColumns ? path.text : null,
          });
        }
    }
    return urls;
  }

  /**
   * Whether the column of a path is also asked for as a whole, or by a path into it. Its texts are
   * URLs then, and the objects have them inside.
   */
  #isAskedFor(path: ColumnPath, how: 'whole' | 'inside'): boolean {
    const index = this.#find(path)?.index;
    return this.urlPaths.some((other) => {
      const found = this.#find(other);
      return found?.index === index && (found?.steps.length === 0) === (how === 'whole');
    });
  }

  #urlByTemplate(record: CatalogRecord): readonly FoundUrl[] | string {
    const paths = new Map(this.urlPaths.map((path) => [path.text, path]));
    const problems: string[] = [];
    const url = expandUrlTemplate(this.#template ?? [], (column) => {
      const path = paths.get(column);
      const cells = path === undefined ? [] : this.#cellsOf(record, path);
      if (typeof cells !== 'string') return cells[0]?.text ?? null;
      problems.push(cells);
      return null;
    });
    if (problems[0] !== undefined) return problems[0];
    const trimmed = trimUrl(url);
    return trimmed === null ? [] : [{ url: trimmed, column: null }];
  }

  /** The record's own id: of one column as it stands, of several joined by `|`. */
  #objectOf(record: CatalogRecord): string | Omit<RowsProblem, 'rows'> {
    const parts: string[] = [];
    for (const path of this.idPaths) {
      const cells = this.#cellsOf(record, path);
      if (typeof cells === 'string') return badRow(cells);
      const [cell, another] = cells;
      if (another !== undefined) return badId(`the id has several values in ${path.text}`, null);
      if (cell?.isNoId === true) return badId('the id is a boolean, array or object', cell.text);
      parts.push(this.#idTextOf(cell?.text ?? ''));
    }
    const isComposite = parts.length > 1;
    if (isComposite && parts.every((part) => part.trim() === ''))
      return badId('the id is empty', null);
    const id = isComposite ? parts.map(escapedPart).join('|') : (parts[0] ?? '');
    const problem = idProblem(id);
    return problem === null ? id : badId(problem, id);
  }

  /** Verbatim, unless the input says that ids are whole numbers. */
  #idTextOf(text: string): string {
    return this.#shape.integerIds === true ? text.replace(/^(-?\d+)\.0+$/, '$1') : text;
  }

  /** The values that the path leads to; in words why there are none. */
  #cellsOf(record: CatalogRecord, path: ColumnPath): readonly JsonField[] | string {
    const found = this.#find(path);
    if (found === null) return [];
    const cells: JsonField[] = [];
    for (const index of found.indexes) {
      const text = record.values[index] ?? null;
      if (text === null || text === '') continue;
      if (found.steps.length === 0)
        cells.push(plainField({ text, isNoId: record.noIds?.has(index) === true }));
      else {
        const values = selectValues(text, found.steps);
        if (values === null)
          return `${path.text} leads into a cell that is no JSON: ${JSON.stringify(text.slice(0, 50))}`;
        cells.push(...values.map(plainField));
      }
    }
    return cells;
  }

  /** Looked up again when the catalog has shown further columns. */
  #find(path: ColumnPath): FoundColumns | null {
    const { length } = this.#known.columns;
    if (length !== this.#columnsSeen) this.#found.clear();
    this.#columnsSeen = length;
    let found = this.#found.get(path);
    if (found === undefined) {
      const first = path.find((column) => this.#known.indexOf(column));
      found = first === null ? null : { ...first, indexes: this.#indexesOfName(first.index) };
      this.#found.set(path, found);
    }
    return found;
  }

  #indexesOfName(first: number): readonly number[] {
    const { columns } = this.#known;
    return columns.flatMap((name, index) => (name === columns[first] ? index : []));
  }
}

export function hashOf(url: string, length: number = URL_HASH_LENGTH): string {
  return createHash('sha256').update(url).digest('hex').slice(0, length);
}

function rowsByUrl(urls: readonly FoundUrl[]): readonly ImageRow[] | RowsProblem {
  const rows: ImageRow[] = [];
  for (const { url, column } of urls) {
    if (url === null) return { ...badId('there is no URL to make the id of', null), rows: 1 };
    const id = hashOf(url);
    rows.push({ id, url, object: id, urlColumn: column });
  }
  return rows;
}

/** Without a header, a number alone names a column. */
function pathsOf(names: string | readonly string[], { header }: Shape): readonly ColumnPath[] {
  const list = typeof names === 'string' ? [names] : names;
  const full = list.map((name) =>
    header === false && /^\d+$/.test(name) ? `column_${Number(name)}` : name,
  );
  return [...new Set(full)].map((name) => new ColumnPath(name));
}

/** A part of a composite id: `|` joins the parts. */
function escapedPart(part: string): string {
  return part.replaceAll(/[\\|]/g, '\\$&');
}

function badId(detail: string, id: string | null): Omit<RowsProblem, 'rows'> {
  return { code: 'bad_id', detail, id };
}

function badRow(detail: string): RowsProblem {
  return { code: 'bad_row', detail, id: null, rows: 1 };
}
