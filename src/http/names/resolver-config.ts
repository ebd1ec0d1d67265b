/** What /etc/resolv.conf and /etc/nsswitch.conf say about how this system resolves names. */
import os from 'node:os';

export interface ResolverConfig {
  /** Domains that are appended to a name. */
  readonly search: readonly string[];
  /** A name with at least this many dots is asked as it is before the search list is tried. */
  readonly ndots: number;
  readonly serverCount: number;
}

/** What the `hosts:` line of nsswitch.conf names. */
export interface NameServices {
  readonly hasFiles: boolean;
  /** Something besides files and DNS, for example mDNS: only getaddrinfo can ask it. */
  readonly hasOthers: boolean;
}

/** glibc allows no larger ndots. */
const MOST_DOTS = 15;

/** Services that this resolver replaces: the hosts file, DNS and the machine's own names. */
const KNOWN_SERVICES: ReadonlySet<string> = new Set(['files', 'dns', 'myhostname']);

/** @see resolv.conf(5): of several `search` and `domain` lines the last one counts. */
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
    if (keyword === 'options') ndots = dotsOf(values) ?? ndots;
  }
  const domains = search.map((domain) => domain.toLowerCase().replace(/\.$/, ''));
  return { search: domains.filter((domain) => domain !== ''), ndots, serverCount };
}

function dotsOf(values: readonly string[]): number | null {
  const option = values.map((value) => /^ndots:(\d+)$/.exec(value)?.[1]).find(Boolean);
  return option === undefined ? null : Math.min(Number(option), MOST_DOTS);
}

/** @see nsswitch.conf(5). Without a `hosts:` line it is `files dns`. */
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

/** The absolute names to ask for, in the order in which glibc's resolver asks for them. */
export function candidatesOf(name: string, config: ResolverConfig): readonly string[] {
  if (name.endsWith('.')) return [name.slice(0, -1)];
  const dots = name.split('.').length - 1;
  const searched = config.search.map((domain) => `${name}.${domain}`);
  return dots >= config.ndots ? [name, ...searched] : [...searched, name];
}
