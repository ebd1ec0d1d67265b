/**
 * Parses /etc/resolv.conf and /etc/nsswitch.conf, which configure how this system resolves names.
 */
import os from 'node:os';

export interface ResolverConfig {
  /** Domains that are appended to a name. */
  readonly search: readonly string[];
  /** A name with at least this many dots is queried unchanged before the search list is tried. */
  readonly ndots: number;
  readonly serverCount: number;
}

/** The services that the `hosts:` line of nsswitch.conf names. */
export interface NameServices {
  readonly hasFiles: boolean;
  /** A service besides files and DNS, for example mDNS, which only getaddrinfo can query. */
  readonly hasOthers: boolean;
}

/** The largest ndots that glibc allows. */
const MAX_NDOTS = 15;

/** Services that this resolver replaces: the hosts file, DNS and the machine's own names. */
const KNOWN_SERVICES: ReadonlySet<string> = new Set(['files', 'dns', 'myhostname']);

/**
 * The last of several `search` and `domain` lines applies.
 *
 * @see resolv.conf(5).
 */
export function parseResolvConf(text: string, hostname: string = os.hostname()): ResolverConfig {
  const [, ownDomain] = /^[^.]+\.(.+)$/.exec(hostname) ?? [];
  let search = ownDomain === undefined ? [] : [ownDomain];
  let ndots = 1;
  let serverCount = 0;
  for (const line of text.split('\n')) {
    const [keyword, ...values] = line
      .replace(/[#;].*$/, '')
      .trim()
      .split(/\s+/);
    if (keyword === 'nameserver') serverCount += 1;
    if (keyword === 'search') search = values;
    if (keyword === 'domain') search = values.slice(0, 1);
    if (keyword === 'options') ndots = parseNdots(values) ?? ndots;
  }
  const domains = search.map((domain) => domain.toLowerCase().replace(/\.$/, ''));
  return { search: domains.filter((domain) => domain !== ''), ndots, serverCount };
}

function parseNdots(values: readonly string[]): number | null {
  const option = values.map((value) => /^ndots:(\d+)$/.exec(value)?.[1]).find(Boolean);
  return option === undefined ? null : Math.min(Number(option), MAX_NDOTS);
}

/**
 * Without a `hosts:` line, the services are `files dns`.
 *
 * @see nsswitch.conf(5).
 */
export function parseNameServices(text: string): NameServices {
  const lines = text.split('\n').map((line) => line.replace(/#.*$/, ''));
  const line = lines.map((one) => /^\s*hosts\s*:(.*)$/.exec(one)?.[1]).find(Boolean);
  if (line === undefined) return { hasFiles: true, hasOthers: false };
  const services = line
    .replace(/\[[^\]]*\]/g, ' ')
    .split(/\s+/)
    .filter((service) => service !== '');
  return {
    hasFiles: services.includes('files'),
    hasOthers: services.some((service) => !KNOWN_SERVICES.has(service)),
  };
}

/** The absolute names to query, in the order in which glibc's resolver queries them. */
export function candidatesOf(name: string, config: ResolverConfig): readonly string[] {
  if (name.endsWith('.')) return [name.slice(0, -1)];
  const dots = name.split('.').length - 1;
  const searched = config.search.map((domain) => `${name}.${domain}`);
  return dots >= config.ndots ? [name, ...searched] : [...searched, name];
}
