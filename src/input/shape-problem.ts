/** Finds fields of the run input that describe the shape of a catalog and contradict each other. */
import type { CatalogFormat, CatalogShape } from '../contract/run-input';
import { IMAGE_SIZE } from '../contract/catalog/image-size';
import { isBaseToFillIn, parseUrlTemplate } from '../contract/catalog/url-template';

type Given = Pick<
  CatalogShape,
  | 'many'
  | 'idFrom'
  | 'header'
  | 'urlSeparator'
  | 'urlTemplate'
  | 'baseUrl'
  | 'records'
  | 'imageSize'
  | 'integerIds'
> & {
  readonly columns?: { readonly id?: unknown; readonly url?: unknown } | undefined;
};

/** Returns which fields contradict each other, why, and what to do. Returns null when none do. */
export function shapeProblem(given: Given, format: CatalogFormat): string | null {
  return (
    idProblem(given, format) ??
    headerProblem(given, format) ??
    recordsProblem(given, format) ??
    imageSizeProblem(given, format) ??
    templateProblem(given) ??
    baseProblem(given)
  );
}

function idProblem(given: Given, format: CatalogFormat): string | null {
  const { idFrom, many, columns, integerIds } = given;
  if (integerIds === true && idFrom !== undefined && idFrom !== 'column')
    return 'integerIds: the ids are not those of a column (idFrom). Leave one of them out.';
  if (idFrom !== undefined && idFrom !== 'column' && columns?.id !== undefined)
    return `idFrom: the ids are made of the ${idFrom === 'url' ? 'URL' : "record's number"}, so columns.id (--id-column) names a column that is not used. Leave one of them out.`;
  if (format === 'urls' && (columns?.id !== undefined || idFrom === 'column'))
    return 'format: a list of URLs has no column with ids (columns.id, --id-column). Leave it out, and the ids are made of the URLs; or set idFrom to record.';
  if (many === true && (idFrom === 'url' || (format === 'urls' && idFrom === undefined)))
    return 'many: every URL has an id of its own already where the ids are made of the URLs (idFrom). Leave many (--many) out.';
  return null;
}

const WITH_HEADER: ReadonlySet<CatalogFormat> = new Set(['csv', 'tsv', 'txt', 'ndjson', 'json']);

function headerProblem({ header }: Given, format: CatalogFormat): string | null {
  if (header !== false || WITH_HEADER.has(format)) return null;
  return `header: only csv, tsv, ndjson and json catalogs may have a header, and this one is ${format}. Leave header (--no-header) out, or set format.`;
}

function recordsProblem({ records }: Given, format: CatalogFormat): string | null {
  if (records === undefined) return null;
  if (format !== 'json')
    return `records: only a json catalog has its records under a key, and this one is ${format}. Leave records (--records) out, or set format.`;
  if (records === '.' || records.split('.').every((key) => key.trim() !== '')) return null;
  return `records: ${JSON.stringify(records.slice(0, 200))} has an empty key. Examples: images, data.items; . is the whole file.`;
}

function imageSizeProblem({ imageSize }: Given, format: CatalogFormat): string | null {
  if (imageSize === undefined) return null;
  if (format !== 'iiif')
    return `imageSize: only of iiif manifests the images come in any size, and this catalog is ${format}. Leave imageSize (--image-size) out, or set format to iiif.`;
  if (IMAGE_SIZE.test(imageSize)) return null;
  return `imageSize: ${JSON.stringify(imageSize.slice(0, 200))} is no size of the IIIF Image API. Examples: 843, for a width; ,600 for a height; !500,500 to fit into both; max.`;
}

function templateProblem(given: Given): string | null {
  const { urlTemplate, columns, urlSeparator, baseUrl } = given;
  if (urlTemplate === undefined) return null;
  if (columns?.url !== undefined)
    return 'urlTemplate: the URLs are made by the template, so columns.url (--url-column) names a column that is not used. Leave one of them out.';
  if (urlSeparator !== undefined || baseUrl !== undefined)
    return 'urlTemplate: a template makes one whole URL of each record, so urlSeparator and baseUrl cannot be used with it. Leave them out, or leave the template out.';
  const template = parseUrlTemplate(urlTemplate);
  if (typeof template === 'string')
    return `urlTemplate: ${JSON.stringify(urlTemplate.slice(0, 200))} has ${template}. An example: https://example.org/{id}/full.jpg.`;
  const [start] = template;
  if (start !== undefined && 'text' in start && !/^\s*https?:\/\//i.test(start.text))
    return `urlTemplate: ${JSON.stringify(urlTemplate.slice(0, 200))} does not begin with http://, https:// or a column. Write the whole URL.`;
  return null;
}

function baseProblem({ baseUrl }: Given): string | null {
  if (baseUrl === undefined) return null;
  if (isBaseToFillIn(baseUrl))
    return `baseUrl: ${JSON.stringify(baseUrl.slice(0, 200))} has HOST in the place of a host. Write what stands before the URLs of the catalog.`;
  if (/^https?:\/\//i.test(baseUrl) && URL.canParse(baseUrl)) return null;
  return `baseUrl: ${JSON.stringify(baseUrl.slice(0, 200))} is no http: or https: URL. An example: https://example.org/images/.`;
}
