/** Which names a request may call this server by. */
const LOOPBACK_NAMES: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);

/** Addresses that mean all addresses of the machine. */
const WILDCARDS: ReadonlySet<string> = new Set(['0.0.0.0', '::']);

/** An IPv4 address, or an IPv6 address as it stands in a URL. */
const NUMERIC = /^(\d{1,3}(\.\d{1,3}){3}|\[[\da-f:.]+\])$/;

/** Whether only programs of this machine can reach the address. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

/**
 * Whether the header Host of a request names this server. A site that makes a name of its own point
 * at this machine (DNS rebinding) is refused by it. Numeric addresses cannot be made to point
 * elsewhere, so a server that listens on all addresses accepts each of them.
 *
 * @param header a name or an address, perhaps with a port.
 * @param listening the address at which the server listens.
 */
export function isAllowedHost(header: string, listening: string): boolean {
  const name = header.replace(/:\d{1,5}$/, '').toLowerCase();
  if (LOOPBACK_NAMES.has(name)) return true;
  if (name.replace(/^\[(.*)\]$/, '$1') === listening.toLowerCase()) return true;
  return WILDCARDS.has(listening) && NUMERIC.test(name);
}
