/** Host names that no name server can know, because they do not fit into a query. */

/** In characters. @see RFC 1035, section 2.3.4 */
const MAX_LABEL_LENGTH = 63;
const MAX_NAME_LENGTH = 253;

/**
 * Says what is wrong with a host's name, which a later request would not change. A dot at its end
 * is allowed, and so are underscores.
 *
 * @param hostname as a parsed URL has it.
 * @returns null for a name that may exist, for an address, and for no name.
 */
export function hostNameProblem(hostname: string): string | null {
  if (hostname === '' || hostname.startsWith('[')) return null;
  const name = hostname.replace(/\.$/, '');
  const labels = name.split('.');
  if (labels.includes('')) return 'its host has a dot at its beginning, or two in a row';
  if (labels.some(({ length }) => length > MAX_LABEL_LENGTH))
    return `its host has more than ${MAX_LABEL_LENGTH} characters between two dots`;
  if (name.length > MAX_NAME_LENGTH) return `its host has more than ${MAX_NAME_LENGTH} characters`;
  return null;
}
