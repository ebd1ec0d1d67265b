/** Chooses the proxy through which an image is requested, by the worker's settings. */
import net from 'node:net';
import { decode, type ProxySettings } from '../../contract/proxy-settings';
import { bareHost, portOf } from '../host-and-port';

export interface Proxy {
  readonly url: URL;
  /** The header Proxy-Authorization; null without a user name. */
  readonly authorization: string | null;
}

/** @returns null for a URL that is requested without a proxy. */
export type ChooseProxy = (url: URL) => Proxy | null;

export function createProxyChoice(settings: ProxySettings | null): ChooseProxy {
  if (settings === null) return () => null;
  const [http, https] = [toProxy(settings.http), toProxy(settings.https)];
  const isException = settings.exceptions.map(toException);
  return (url) => {
    if (isException.some((matches) => matches(url))) return null;
    return url.protocol === 'https:' ? https : http;
  };
}

function toProxy(text: string | null): Proxy | null {
  if (text === null) return null;
  const url = new URL(text);
  const [user, password] = [decode(url.username), decode(url.password)];
  const credentials = Buffer.from(`${user}:${password}`).toString('base64');
  const authorization = user === '' && password === '' ? null : `Basic ${credentials}`;
  url.username = '';
  url.password = '';
  return { url, authorization };
}

/**
 * Parses an entry of NO_PROXY as most programs do: `*`, a host with or without a port, `.domain` or
 * `domain` for all hosts below it, or a network in CIDR notation.
 */
function toException(entry: string): (url: URL) => boolean {
  if (entry === '*') return () => true;
  const network = /^([\da-f.:]+)\/(\d{1,3})$/i.exec(entry);
  if (network !== null) return isInNetwork(network[1] ?? '', Number(network[2]));
  const bare = withoutBrackets(entry);
  const [, name = '', port] = net.isIPv6(bare)
    ? [bare, bare]
    : (/^(.*?)(?::(\d+))?$/.exec(bare) ?? []);
  const host = name
    .toLowerCase()
    .replace(/^\*?\./, '')
    .replace(/\.$/, '');
  return (url) => {
    const wanted = hostOf(url);
    if (port !== undefined && portOf(url) !== Number(port)) return false;
    return wanted === host || (net.isIP(host) === 0 && wanted.endsWith(`.${host}`));
  };
}

function isInNetwork(address: string, prefix: number): (url: URL) => boolean {
  const family = net.isIPv6(address) ? 'ipv6' : 'ipv4';
  const list = new net.BlockList();
  if (net.isIP(address) === 0 || prefix > (family === 'ipv6' ? 128 : 32)) return () => false;
  list.addSubnet(address, prefix, family);
  return (url) => {
    const host = hostOf(url);
    return net.isIP(host) !== 0 && list.check(host, net.isIPv6(host) ? 'ipv6' : 'ipv4');
  };
}

function hostOf(url: URL): string {
  return bareHost(url).replace(/\.$/, '');
}

function withoutBrackets(host: string): string {
  return host.replace(/^\[([^\]]*)\]/, '$1');
}
