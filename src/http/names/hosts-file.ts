/** Reads the hosts file, and knows the names that mean this machine on every system. */
import net from 'node:net';

/** The addresses of each name, in lower case, from every line that lists it. */
export type HostsFile = ReadonlyMap<string, readonly string[]>;

export const HOSTS_FILE =
  process.platform === 'win32' ? 'C:\\Windows\\System32\\drivers\\etc\\hosts' : '/etc/hosts';

const LOOPBACK: readonly string[] = ['::1', '127.0.0.1'];

/** @see hosts(5). */
export function parseHostsFile(text: string): HostsFile {
  const hosts = new Map<string, string[]>();
  for (const line of text.split('\n')) {
    const [address = '', ...names] = line.replace(/#.*$/, '').trim().split(/\s+/);
    if (net.isIP(address) === 0) continue;
    for (const name of names) {
      const known = hosts.get(name.toLowerCase()) ?? [];
      if (!known.includes(address)) known.push(address);
      hosts.set(name.toLowerCase(), known);
    }
  }
  return hosts;
}

/**
 * The addresses of a name that needs no query, otherwise null.
 *
 * @see RFC 6761, section 6.3, for `localhost`.
 */
export function localAddresses(name: string, hosts: HostsFile | null): readonly string[] | null {
  const bare = name.replace(/\.$/, '');
  const listed = hosts?.get(bare);
  if (listed !== undefined) return listed;
  return bare === 'localhost' || bare.endsWith('.localhost') ? LOOPBACK : null;
}
