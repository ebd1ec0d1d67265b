/**
 * Decides which hosts and addresses may be connected to. Each URL is checked before a request, and
 * each address before a connection, because a URL does not reveal what its name resolves to.
 */
import net from 'node:net';
import { hostNameProblem } from '../../contract/hosts/host-name-problem';
import { FetchFailure } from '../failures/fetch-failure';
import { bareHost, portOf } from '../host-and-port';
import { describeScheme } from './describe-scheme';
import { isSpecialAddress, withoutZone } from './special-addresses';

/** Comes from the worker's configuration; the input of a run cannot widen it. */
export interface AddressPolicy {
  /** `host`, `host:port` or CIDR. */
  readonly allowPrivateHosts: readonly string[];
  readonly allowedPorts: readonly number[];
}

export interface AddressGuard {
  /**
   * Checks what the URL itself reveals: its scheme, user name, host, port and, if the host is an
   * address, that address.
   *
   * @throws FetchFailure `scheme`, `bad_url` (a user name or password, an impossible host),
   * `blocked_address` (also for ports).
   */
  check(url: URL): void;
  /**
   * Checks all addresses of a name. One private address refuses all of them, because a mixed answer
   * is typical of DNS rebinding.
   *
   * @throws FetchFailure `blocked_address` unless every address may be connected to.
   */
  checkAddresses(url: URL, addresses: readonly string[]): void;
}

interface AllowEntry {
  readonly host: string;
  readonly port: number | null;
}

export function createAddressGuard(policy: AddressPolicy): AddressGuard {
  const networks = createBlockList(policy.allowPrivateHosts.filter((entry) => entry.includes('/')));
  const entries = policy.allowPrivateHosts.filter((entry) => !entry.includes('/')).map(parseEntry);
  const isAllowedByName = (url: URL): boolean => {
    const port = portOf(url);
    return entries.some((entry) => entry.host === bareHost(url) && (entry.port ?? port) === port);
  };
  const mayConnect = (url: URL, address: string): boolean =>
    isAllowedByName(url) || !isSpecialAddress(address) || isInNetworks(networks, address);
  return {
    check: (url) => {
      checkUrlForm(url);
      const host = bareHost(url);
      if (!policy.allowedPorts.includes(portOf(url)) && !allowsPort(entries, url)) {
        throw new FetchFailure(
          'blocked_address',
          `port ${portOf(url)} is not among ARTEMIS_ALLOWED_PORTS`,
        );
      }
      if (net.isIP(host) !== 0 && !mayConnect(url, host)) {
        throw new FetchFailure('blocked_address', `${host} is not a public address`);
      }
    },
    checkAddresses: (url, addresses) => {
      if (addresses.every((address) => mayConnect(url, address))) return;
      throw new FetchFailure(
        'blocked_address',
        `${bareHost(url)} resolves to an address that is not public`,
      );
    },
  };
}

function checkUrlForm(url: URL): void {
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new FetchFailure('scheme', describeScheme(url));
  }
  if (url.username !== '' || url.password !== '')
    throw new FetchFailure('bad_url', 'the URL carries a user name or password');
  if (url.hostname === '') throw new FetchFailure('bad_url', 'the URL has no host');
  const problem = hostNameProblem(url.hostname);
  if (problem !== null) throw new FetchFailure('bad_url', problem);
}

function allowsPort(entries: readonly AllowEntry[], url: URL): boolean {
  return entries.some((entry) => entry.host === bareHost(url) && entry.port === portOf(url));
}

function createBlockList(networks: readonly string[]): net.BlockList {
  const list = new net.BlockList();
  for (const network of networks) {
    const [address = '', prefix = ''] = network.split('/');
    list.addSubnet(address, Number(prefix), net.isIPv6(address) ? 'ipv6' : 'ipv4');
  }
  return list;
}

function isInNetworks(networks: net.BlockList, address: string): boolean {
  const bare = withoutZone(address);
  return networks.check(bare, net.isIPv6(bare) ? 'ipv6' : 'ipv4');
}

function parseEntry(entry: string): AllowEntry {
  if (net.isIPv6(entry)) return { host: entry, port: null };
  const match = /^(.*?)(?::(\d+))?$/.exec(entry.toLowerCase());
  const host = (match?.[1] ?? entry).replace(/^\[(.*)\]$/, '$1');
  return { host, port: match?.[2] === undefined ? null : Number(match[2]) };
}
