/** Decides the order in which the addresses of a name are tried. */
import net from 'node:net';

/** The number of names whose results are remembered. The oldest entry is removed first. */
const MAX_NAMES = 10_000;

/** The results of earlier connections to a name. */
interface Experience {
  lastConnected: string | null;
  readonly failed: Set<string>;
}

/** Remembers by name which address connected, beyond the lifetime of a DNS answer. */
export class AddressOrder {
  readonly #experiences = new Map<string, Experience>();

  /**
   * The address that connected last comes first and failed addresses last; between them, IPv6 and
   * IPv4 alternate.
   *
   * @see RFC 8305, section 4.
   */
  sort(name: string, addresses: readonly string[]): readonly string[] {
    const alternating = alternateFamilies(addresses);
    const known = this.#experiences.get(name);
    if (known === undefined) return alternating;
    const rank = (address: string): number => {
      if (address === known.lastConnected) return 0;
      return known.failed.has(address) ? 2 : 1;
    };
    return alternating.toSorted((a, b) => rank(a) - rank(b));
  }

  connected(name: string, address: string): void {
    const experience = this.#experienceOf(name);
    experience.lastConnected = address;
    experience.failed.delete(address);
  }

  failed(name: string, address: string): void {
    const experience = this.#experienceOf(name);
    if (experience.lastConnected === address) experience.lastConnected = null;
    experience.failed.add(address);
  }

  #experienceOf(name: string): Experience {
    const known = this.#experiences.get(name);
    if (known !== undefined) return known;
    const created: Experience = { lastConnected: null, failed: new Set() };
    this.#experiences.set(name, created);
    if (this.#experiences.size > MAX_NAMES) {
      const [oldest] = this.#experiences.keys();
      if (oldest !== undefined) this.#experiences.delete(oldest);
    }
    return created;
  }
}

function alternateFamilies(addresses: readonly string[]): readonly string[] {
  const ipv6 = addresses.filter((address) => net.isIPv6(address));
  const ipv4 = addresses.filter((address) => !net.isIPv6(address));
  const longest = Math.max(ipv6.length, ipv4.length);
  return Array.from({ length: longest }, (_none, index) => [ipv6[index], ipv4[index]])
    .flat()
    .filter((address) => address !== undefined);
}
