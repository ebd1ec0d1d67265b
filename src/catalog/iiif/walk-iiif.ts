/**
 * Finds the images in IIIF manifests, also in those that a collection contains, and the manifests
 * that a collection only references.
 *
 * @see https://iiif.io/api/presentation/3.0/ and https://iiif.io/api/presentation/2.1/
 */
import { imageUrl, type ImageService } from './image-url';
import {
  idOf,
  isObject,
  labelOf,
  numberOf,
  objectsIn,
  typeOf,
  type JsonObject,
} from './iiif-value';

/** The columns of a catalog of manifests. */
export const IIIF_COLUMNS = [
  'id',
  'url',
  'manifest',
  'manifest_label',
  'canvas_label',
  'canvas_number',
  'image_service',
  'width',
  'height',
  'format',
  'rights',
  'attribution',
  'metadata',
] as const;

/** What a document holds: an image of a canvas, a manifest elsewhere, or something unusable. */
export type IiifFinding =
  | { readonly kind: 'image'; readonly values: readonly (string | null)[] }
  | { readonly kind: 'reference'; readonly url: string; readonly what: string }
  | { readonly kind: 'problem'; readonly detail: string };

/** Collections inside collections. Deeper ones are made to do harm. */
const MOST_DEPTH = 50;

/** @param size of the images, as the Image API writes it; undefined: as the manifests have it. */
export function* walkIiif(document: unknown, size: string | undefined): Generator<IiifFinding> {
  const roots = objectsIn(document);
  if (roots.length === 0) yield { kind: 'problem', detail: 'the file holds no JSON object' };
  for (const root of roots) yield* walkResource(root, size, 0);
}

function* walkResource(
  resource: JsonObject,
  size: string | undefined,
  depth: number,
): Generator<IiifFinding> {
  const type = typeOf(resource);
  if (depth > MOST_DEPTH)
    yield { kind: 'problem', detail: `more than ${MOST_DEPTH} collections in one another` };
  else if (type === 'Manifest') yield* walkManifest(resource, size);
  else if (type === 'Collection') {
    if (depth > 0 && membersOf(resource).length === 0) yield referenceTo(resource, 'a collection');
    for (const member of membersOf(resource)) yield* walkResource(member, size, depth + 1);
  } else
    yield {
      kind: 'problem',
      detail: `no IIIF manifest or collection, but ${type === '' ? 'an object without a type' : JSON.stringify(type.slice(0, 50))}`,
    };
}

/** The members of a collection. Those of version 2 need not have a type. */
function membersOf(collection: JsonObject): readonly JsonObject[] {
  const typed = (list: unknown, type: string): readonly JsonObject[] =>
    objectsIn(list).map((member) => (typeOf(member) === '' ? { ...member, type } : member));
  return [
    ...objectsIn(collection.items),
    ...objectsIn(collection.members),
    ...typed(collection.collections, 'Collection'),
    ...typed(collection.manifests, 'Manifest'),
  ];
}

function referenceTo(resource: JsonObject, what: string): IiifFinding {
  const url = idOf(resource);
  return url === null
    ? { kind: 'problem', detail: `${what} without images and without an id` }
    : { kind: 'reference', url, what };
}

/** The canvases: `items` of version 3, those of all `sequences` of version 2. */
function canvasesOf(manifest: JsonObject): readonly JsonObject[] | null {
  if (Array.isArray(manifest.items)) return objectsIn(manifest.items);
  if (!Array.isArray(manifest.sequences)) return null;
  return objectsIn(manifest.sequences).flatMap(({ canvases }) => objectsIn(canvases));
}

function* walkManifest(manifest: JsonObject, size: string | undefined): Generator<IiifFinding> {
  const canvases = canvasesOf(manifest);
  if (canvases === null) {
    yield referenceTo(manifest, 'a manifest');
    return;
  }
  const { metadata, rights, license, requiredStatement, attribution } = manifest;
  const statement = isObject(requiredStatement) ? requiredStatement.value : attribution;
  const own = [idOf(manifest), labelOf(manifest.label)];
  const terms = [
    labelOf(rights) ?? labelOf(license),
    labelOf(statement),
    metadata === undefined ? null : JSON.stringify(metadata),
  ];
  for (const [index, canvas] of canvases.entries()) {
    const place = [...own, labelOf(canvas.label), String(index + 1)];
    const bodies = bodiesOf(canvas);
    // A canvas without an image is a record without a URL.
    for (const body of bodies.length === 0 ? [{}] : bodies) {
      const service = serviceOf(body);
      const url = imageUrl(idOf(body), service, size);
      const values = [idOf(canvas), url, ...place, service?.id ?? null, ...sizeOf(body), ...terms];
      yield { kind: 'image', values };
    }
  }
}

function sizeOf({ width, height, format }: JsonObject): readonly (string | null)[] {
  return [numberOf(width), numberOf(height), numberOf(format)];
}

/** The images that are painted on a canvas, each of several to choose from. */
function bodiesOf(canvas: JsonObject): readonly JsonObject[] {
  const painted = objectsIn(canvas.items)
    .flatMap((page) => objectsIn(page.items))
    .filter(
      ({ motivation }) => motivation === undefined || [motivation].flat().includes('painting'),
    )
    .flatMap(({ body }) => objectsIn(body));
  const resources = objectsIn(canvas.images).flatMap(({ resource }) => objectsIn(resource));
  return [...painted, ...resources].flatMap((body) => choicesOf(body)).filter(isImage);
}

/** A body with a part of an image, or with alternatives, stands for the images in it. */
function choicesOf(body: JsonObject): readonly JsonObject[] {
  const { default: first, item, items, source, full } = body;
  if (typeOf(body) === 'Choice') return [first, item, items].flatMap(objectsIn);
  if (typeOf(body) === 'SpecificResource') return [source, full].flatMap(objectsIn);
  return [body];
}

function isImage(body: JsonObject): boolean {
  return ['Image', ''].includes(typeOf(body)) && (idOf(body) !== null || serviceOf(body) !== null);
}

/** The first service that is one of the Image API. */
function serviceOf({ service }: JsonObject): ImageService | null {
  for (const one of objectsIn(service)) {
    const id = idOf(one);
    const words = JSON.stringify([one.type, one['@type'], one['@context'], one.profile] as const);
    const version = /ImageService3|image\/3/.test(words)
      ? 3
      : /image(?:-api)?\/1|\/1\.[01]\//.test(words)
        ? 1
        : 2;
    if (id !== null && /image/i.test(words)) return { id, version };
  }
  return null;
}
