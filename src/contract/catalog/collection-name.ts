/** Names of collections. The collection without a name is the one that a data root begins with. */

/**
 * No slash, because the ids of a named collection are `<collection>/<id>`, and no character that a
 * shell reads as anything but itself.
 */
export const COLLECTION_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** What {@link COLLECTION_NAME} accepts, as a message states it. */
export const COLLECTION_NAME_RULE =
  'is no name of a collection: it has 1 to 64 of the letters A to Z and a to z, the digits, ".", "_" and "-", of which a letter or a digit is the first';

/** The collection as a message names it. */
export function collectionText(name: string | null | undefined): string {
  return name == null ? 'the unnamed collection' : `the collection ${JSON.stringify(name)}`;
}
