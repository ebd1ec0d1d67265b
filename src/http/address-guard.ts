/**
 * Which hosts and addresses may be connected to. Checked twice, because neither is enough: literal addresses never reach a
 * look-up, and a name's answer is known only there. One look-up a connection, and that answer is connected to.
 */
import dns from 'node:dns';
import net from 'node:net';
import { FetchFailure } from './fetch-failure';
import { isSpecialAddress, withoutZone } from './special-addresses';

/** **Source** the worker's configuration; a run's input cannot widen it. */
export interface AddressPolicy {
  /** `host`, `host:port` or CIDR. */
  readonly allowPrivateHosts: readonly string[];
  readonly allowedPorts: readonly number[];
}

export interface AddressGuard {
  /** **Errors** FetchFailure `scheme`, `bad_url` (userinfo), `blocked_address` (also ports). */
  check(url: URL): void;
  /** For `net.connect`: answers only with addresses that may be connected to. */
  lookupFor(url: URL): net.LookupFunction;
}

interface AllowEntry {
  readonly host: string;
  readonly port: number | null;
}

export function createAddressGuard(policy: AddressPolicy): AddressGuard {
  const networks = networkList(policy.allowPrivateHosts.filter((entry) => entry.includes('/')));
  const entries = policy.allowPrivateHosts.filter((entry) => !entry.includes('/')).map(parseEntry);
  const isNamed = (url: URL): boolean => {
    const port = portOf(url);
    return entries.some((entry) => entry.host === bareHost(url) && (entry.port ?? port) === port);
  };
  const mayConnect = (url: URL, address: string): boolean =>
    isNamed(url) || !isSpecialAddress(address) || isIn(networks, address);
  return {
    check: (url) => {
      checkForm(url);
      const host = bareHost(url);
      if (!policy.allowedPorts.includes(portOf(url)) && !opensPort(entries, url)) {
        throw new FetchFailure(
          'blocked_address',
          `port ${portOf(url)} is not among ARTEMIS_ALLOWED_PORTS`,
        );
      }
      if (net.isIP(host) !== 0 && !mayConnect(url, host)) {
        throw new FetchFailure('blocked_address', `${host} is not a public address`);
      }
    },
    lookupFor: (url) => guardedLookup((address) => mayConnect(url, address)),
  };
}

function checkForm(url: URL): void {
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new FetchFailure('scheme', `${url.protocol} is neither http: nor https:`);
  }
  if (url.username !== '' || url.password !== '')
    throw new FetchFailure('bad_url', 'the URL carries a user name or password');
  if (url.hostname === '') throw new FetchFailure('bad_url', 'the URL has no host');
}

function opensPort(entries: readonly AllowEntry[], url: URL): boolean {
  return entries.some((entry) => entry.host === bareHost(url) && entry.port === portOf(url));
}

function guardedLookup(mayConnect: (address: string) => boolean): net.LookupFunction {
  return (hostname, options, callback) => {
    dns.lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) {
        callback(error, '', 4);
        return;
      }
      const allowed = addresses.filter(({ address }) => mayConnect(address));
      const [first] = allowed;
      if (first === undefined || allowed.length < addresses.length) {
        // One private answer among public ones is how a rebinding begins: refuse them all.
        callback(
          new FetchFailure(
            'blocked_address',
            `${hostname} resolves to an address that is not public`,
          ),
          '',
          4,
        );
      } else if (options.all === true) callback(null, allowed);
      else callback(null, first.address, first.family);
    });
  };
}

function networkList(networks: readonly string[]): net.BlockList {
  const list = new net.BlockList();
  for (const network of networks) {
    const [address = '', prefix = ''] = network.split('/');
    list.addSubnet(address, Number(prefix), net.isIPv6(address) ? 'ipv6' : 'ipv4');
  }
  return list;
}

function isIn(networks: net.BlockList, address: string): boolean {
  const bare = withoutZone(address);
  return networks.check(bare, net.isIPv6(bare) ? 'ipv6' : 'ipv4');
}

function parseEntry(entry: string): AllowEntry {
  if (net.isIPv6(entry)) return { host: entry, port: null };
  const match = /^(.*?)(?::(\d+))?$/.exec(entry.toLowerCase());
  const host = (match?.[1] ?? entry).replace(/^\[(.*)\]$/, '$1');
  return { host, port: match?.[2] === undefined ? null : Number(match[2]) };
}

function bareHost(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, '$1');
}

function portOf(url: URL): number {
  if (url.port !== '') return Number(url.port);
  return url.protocol === 'https:' ? 443 : 80;
}
