/**
 * The input of `runPipeline`, as users write it and as the workflow uses it.
 * docs/reference/input.md describes the same with examples, and `input/run-input-schema.ts` checks
 * it.
 */

export const CATALOG_FORMATS = [
  'csv',
  'tsv',
  'ndjson',
  'json',
  'parquet',
  'urls',
  'txt',
  'iiif',
  'dwca',
] as const;
export type CatalogFormat = (typeof CATALOG_FORMATS)[number];
/** The possible sources of a catalog's ids. */
export const ID_SOURCES = ['column', 'url', 'record'] as const;
export type IdSource = (typeof ID_SOURCES)[number];
/** The steps of a run, in the order in which the DAG runs them (workflows/run/steps.ts). */
export const STEP_NAMES = [
  'ingest',
  'download',
  'features',
  'embeddings',
  'clusters',
  'aggregates',
  'publish',
] as const;
export type StepName = (typeof STEP_NAMES)[number];
/** The steps of a run whose input names none. */
export const DEFAULT_STEPS: readonly StepName[] = ['ingest', 'download', 'publish'];
export type Select = 'pending' | 'failed' | 'all';
export type Verify = 'decode' | 'signature';

/**
 * Kinds of files that are recognised and not decoded. A run stores those that it keeps, and refuses
 * the others with `type_not_allowed`.
 */
export const OPAQUE_KINDS = ['svg', 'heic', 'jxl', 'pdf', 'psd', 'jp2', 'ico', 'bmp'] as const;
export type OpaqueKind = (typeof OPAQUE_KINDS)[number];

/** The budget of one host. The worker's caps apply to whatever a run requests. */
export interface HostBudget {
  /**
   * Sockets that may be open to the host at once: a whole number, at least 1, at most
   * `ARTEMIS_MAX_CONNECTIONS_PER_HOST`.
   *
   * @defaultValue 8, where the budget of `default` is not given
   */
  readonly connections: number;
  /**
   * Requests that may be sent to the host in every window of one second: above 0, at most
   * `ARTEMIS_MAX_REQUESTS_PER_SECOND`. `0.5` is a request every two seconds.
   *
   * @defaultValue 20, where the budget of `default` is not given
   */
  readonly requestsPerSecond: number;
}

/** Limits for one image, each inclusive. A run may only narrow those of the worker. */
export interface FileLimits {
  /**
   * Size of the file in bytes: a whole number, at least 1. A larger one fails with `too_large`.
   *
   * @defaultValue `ARTEMIS_MAX_BYTES_PER_FILE`
   */
  readonly bytesPerFile: number;
  /**
   * Duration of one request in seconds, from its connection to the last byte: above 0. A longer
   * one fails with `timeout`.
   *
   * @defaultValue `ARTEMIS_MAX_SECONDS_PER_FILE`
   */
  readonly secondsPerFile: number;
  /**
   * Width times height in pixels: a whole number, at least 1. More fails with `too_many_pixels`.
   *
   * @defaultValue `ARTEMIS_MAX_PIXELS`
   */
  readonly pixels: number;
  /**
   * Attempts for one image in one run: a whole number, at least 1. Redirects, and waits that a
   * host asked for, do not count.
   *
   * @defaultValue `ARTEMIS_MAX_ATTEMPTS`
   */
  readonly attempts: number;
}

/** Catalog columns with the ids and the URLs: one name, or a list of them. */
export interface ColumnNames {
  readonly id: string | readonly string[];
  readonly url: string | readonly string[];
}

/**
 * How the records of a catalog become images. An absent field has the default of {@link RunInput}.
 */
export interface CatalogShape {
  readonly many?: boolean | undefined;
  readonly idFrom?: IdSource | undefined;
  readonly header?: boolean | undefined;
  readonly urlSeparator?: string | undefined;
  readonly urlTemplate?: string | undefined;
  readonly baseUrl?: string | undefined;
  readonly records?: string | undefined;
  readonly integerIds?: boolean | undefined;
  readonly member?: string | undefined;
  readonly imageSize?: string | undefined;
}

/**
 * The input as the user gives it. Only `catalog` is required. As JSON it may have 65,536
 * characters. The activity `openRun` refuses any other field, and any other value, with the code
 * `input`.
 */
export interface RunInput {
  /**
   * Path of the catalog, relative to the data root. A path that leads out of the data root, also
   * by a symbolic link, or to one of the pipeline's own files is refused.
   */
  readonly catalog: string;
  /**
   * Collection that the catalog lists: 1 to 64 of the letters A to Z and a to z, the digits, `.`,
   * `_` and `-`, of which a letter or a digit is the first. Upper and lower case differ. Its images
   * have the ids `<collection>/<id>`. Only images of this collection are planned, counted and
   * marked as removed.
   *
   * @defaultValue the unnamed collection, whose ids are the catalog's
   */
  readonly collection?: string;
  /**
   * Whether the catalog takes the place of the one before it, however much it differs. Without it,
   * a catalog that keeps id and URL of fewer than half of the collection's images fails the run
   * with `input`. `maxRemoved` does not apply then.
   *
   * @defaultValue `false`
   */
  readonly replace?: boolean;
  /**
   * Names of the catalog columns with the ids and the URLs. They must match exactly, case
   * included, after white space round the catalog's names is removed. Several id columns are joined
   * by `|`; with several URL columns, each URL becomes an image. A name that no column has may be a
   * path into a column with JSON: `image.thumbnail`, `images[].url`.
   *
   * @defaultValue `{"id":"id","url":"url"}`
   */
  readonly columns?: Partial<ColumnNames>;
  /**
   * Format of the catalog. `urls`: a URL on each line. `txt`: the first line decides whether it is
   * `urls`, `tsv` or `csv`. `iiif`: manifests of the IIIF Presentation API, or a collection of
   * them. `dwca`: a Darwin Core archive, a zip or folder with `meta.xml`. Compression (gzip, zstd,
   * zip) is recognised by the content.
   *
   * @defaultValue by the name: `.csv`, `.tsv` or `.tab`, `.ndjson` or `.jsonl`, `.json`,
   * `.parquet`, `.txt`
   */
  readonly format?: CatalogFormat;
  /**
   * Whether an object of the catalog may have several images, in several rows or in several URLs of
   * one row. Every image then has the id `<id>#<first 8 hex digits of its URL's hash>`, also the
   * only image of an object.
   *
   * @defaultValue `false`: of rows with one id and several URLs the first is taken
   */
  readonly many?: boolean;
  /**
   * What the ids are made of. `column`: the column, or columns, of `columns.id`. `url`: the hash of
   * the URL. `record`: the number of the record in the catalog.
   *
   * @defaultValue `column`; `url` for a list of URLs
   */
  readonly idFrom?: IdSource;
  /**
   * Whether ids that are whole numbers lose the `.0` with which data frames write them where some
   * are missing: `12.0` becomes `12`.
   *
   * @defaultValue `false`: ids stay as they are
   */
  readonly integerIds?: boolean;
  /**
   * Whether the first row of a CSV or TSV catalog, or the first of the arrays of a JSON one, has
   * the names of the columns. Where it has not, they are called `column_1`, `column_2`, …;
   * `columns` may name them by their numbers alone.
   *
   * @defaultValue `true`
   */
  readonly header?: boolean;
  /**
   * Text between several URLs in one cell; empty when a cell is always one URL.
   *
   * @defaultValue the cell decides: `|`, `;`, `,` or white space before `http://` or `https://`
   */
  readonly urlSeparator?: string;
  /**
   * Template of the URLs, for a catalog that has only their parts: `{name}` is the value of a
   * column, `{name:03}` is it with at least three digits, `{name:encode}` is it with every
   * reserved character escaped. Takes the place of `columns.url`.
   *
   * @defaultValue none: the URLs are in `columns.url`
   */
  readonly urlTemplate?: string;
  /**
   * Start of every URL that has no scheme: an `http:` or `https:` URL. One slash is between it and
   * the catalog's text.
   *
   * @defaultValue none: the catalog's URLs are whole
   */
  readonly baseUrl?: string;
  /**
   * Key under which a JSON catalog has its records, with the keys before it: `images`,
   * `data.items`; `.` is the whole file. They are a list, or an object whose names become the
   * column `key`.
   *
   * @defaultValue none: the file is a list of records, or records one after another
   */
  readonly records?: string;
  /**
   * Path of the catalog inside a zip archive of several.
   *
   * @defaultValue none: the only file of the archive that can be the catalog
   */
  readonly member?: string;
  /**
   * Size of the images of IIIF manifests, as the IIIF Image API writes it: `843,` is 843 pixels
   * wide, `!500,500` fits into a square, `max` is the largest one. An image without an image
   * service has one size only.
   *
   * @defaultValue none: the URLs that the manifests have
   */
  readonly imageSize?: string;
  /**
   * Text encoding of the catalog: a label of the WHATWG Encoding Standard. A byte order mark of the
   * file wins over it. Not for Parquet.
   *
   * @defaultValue `utf-8`
   */
  readonly encoding?: string;
  /**
   * Character between the fields of a CSV or TSV catalog: one character, no quotation mark and no
   * line end.
   *
   * @defaultValue `,` for `csv` and the tab for `tsv`. Another one of `,`, `;`, `|` and the tab is
   * taken when only that one gives the requested columns, or rows of one width. A first line
   * `sep=;` names it.
   */
  readonly delimiter?: string;
  /**
   * Character that encloses the fields of a CSV or TSV catalog which contain delimiters or line
   * ends: one character, or empty when fields are not quoted.
   *
   * @defaultValue the catalog's first rows decide: `"` for `csv`; none for `tsv`, unless its rows
   * fit the header only when they are read with quotes
   */
  readonly quote?: string;
  /**
   * Character before a quote inside a quoted field: one character, or empty when such a quote is
   * written twice.
   *
   * @defaultValue the catalog's first rows decide: none, unless more rows fit the header with `\`
   */
  readonly escape?: string;
  /**
   * Steps to run: at least one. They run in the order of {@link STEP_NAMES}, whatever their order
   * here.
   *
   * @defaultValue `["ingest","download","publish"]`: `features`, `embeddings`, `clusters` and
   *   `aggregates` run where they are named
   */
  readonly steps?: readonly StepName[];
  /**
   * Images to download. `pending`: those without an outcome, and those whose last failure is
   * retryable. `failed`: also those that failed permanently. `all`: also those that are stored;
   * they are requested with conditions, so unchanged files are not sent again.
   *
   * @defaultValue `pending`
   */
  readonly select?: Select;
  /**
   * Number of catalog rows to consider, counted from the first row that has a URL, before `select`
   * and `only` apply: a whole number, at least 1. Ingest takes every row; the rest stays `pending`.
   *
   * @defaultValue no limit
   */
  readonly limit?: number;
  /**
   * Path, relative to the data root, of a UTF-8 file with one id a line, as a JSON string where the
   * name ends in `.ndjson` or `.jsonl`: only these images are downloaded. The same paths as for
   * `catalog` are refused.
   *
   * @defaultValue every image
   */
  readonly only?: string;
  /**
   * How a downloaded file is checked. `decode`: the whole image is read. `signature`: only its
   * first bytes and its size are; the verdict is then `unchecked`.
   *
   * @defaultValue `decode`
   */
  readonly verify?: Verify;
  /**
   * Kinds of files, of {@link OPAQUE_KINDS}, that are stored although they are not decoded: at
   * least one. The verdict is `unchecked`.
   *
   * @defaultValue none: such files are `type_not_allowed`
   */
  readonly keep?: readonly OpaqueKind[];
  /**
   * Budgets by host: keys are `name`, `name:port` where the port is not the scheme's own, or
   * `default` for every other host. The narrower key wins. Upper and lower case are the same.
   *
   * @defaultValue `{"default":{"connections":8,"requestsPerSecond":20}}`
   */
  readonly hosts?: Readonly<Record<string, HostBudget>>;
  /**
   * Limits for each image; see {@link FileLimits}.
   *
   * @defaultValue the worker's
   */
  readonly limits?: Partial<FileLimits>;
  /**
   * Largest share of the collection's known images that one catalog may mark as removed: 0 to 1.
   * When the catalog lacks more, ingest parks with `catalog_shrunk` and changes nothing. A catalog
   * that keeps fewer than half of the images needs {@link RunInput.replace}, whatever this is.
   *
   * @defaultValue 0.2
   */
  readonly maxRemoved?: number;
  /**
   * What happens when a step cannot do its work. `park`: the run waits for an operator. `fail`:
   * the run fails at once.
   *
   * @defaultValue `park`
   */
  readonly onStepFailure?: 'park' | 'fail';
  /**
   * Seconds after which a parked run fails: above 0.
   *
   * @defaultValue a parked run waits without end
   */
  readonly parkTimeout?: number;
  /**
   * Seconds between publications of the snapshot during the download, at least 0. Publications
   * take at most 1 % of the time. 0: the snapshot is published at the end only.
   *
   * @defaultValue 60
   */
  readonly publishEvery?: number;
}

/**
 * The input with all defaults filled in, as the workflow uses it. Each field has the meaning that
 * it has in {@link RunInput}, and null stands for "none".
 */
export interface ResolvedInput extends CatalogShape {
  readonly catalog: string;
  /** Absent: the unnamed collection. */
  readonly collection?: string | undefined;
  /** Absent: false. */
  readonly replace?: boolean | undefined;
  readonly columns: ColumnNames;
  readonly format: CatalogFormat;
  readonly encoding: string;
  /** Null for the delimiter of the format. */
  readonly delimiter: string | null;
  /** Absent when the rows of the catalog decide. */
  readonly quote?: string | undefined;
  readonly escape?: string | undefined;
  /** In the order in which they run. */
  readonly steps: readonly StepName[];
  readonly select: Select;
  readonly limit: number | null;
  readonly only: string | null;
  readonly verify: Verify;
  /** In the order of {@link OPAQUE_KINDS}; absent when none is kept. */
  readonly keep?: readonly OpaqueKind[] | undefined;
  /** Always has the key `default`; keys are in lower case. */
  readonly hosts: Readonly<Record<string, HostBudget>>;
  /** Only the limits that the user gave. */
  readonly limits: Partial<FileLimits>;
  readonly maxRemoved: number;
  readonly onStepFailure: 'park' | 'fail';
  /** In seconds. Null when a parked run waits without end. */
  readonly parkTimeout: number | null;
  /**
   * The seconds between publications of the snapshot during the download. 0 publishes it only at
   * the end.
   */
  readonly publishEvery: number;
}
