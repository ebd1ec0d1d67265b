/** The host and the port of a URL, as a connection needs them. */

/** Returns the host, without the brackets that a URL has around an IPv6 address. */
export function bareHost({ hostname }: URL): string {
  return hostname.replace(/^\[(.*)\]$/, '$1');
}

/** Returns the port, which is that of the scheme (http or https) where the URL names none. */
export function portOf({ port, protocol }: URL): number {
  if (port !== '') return Number(port);
  return protocol === 'https:' ? 443 : 80;
}
