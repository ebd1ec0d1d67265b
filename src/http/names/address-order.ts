/** In which order the addresses of a name are tried. */
import net from 'node:net';

/** Names whose experience is kept. The oldest leave first. */
const MOST_NAMES = 10_000;

/** What earlier connections to a name have shown. */
interface Experience {
  winner: string | null;
  readonly failed: Set<string>;
}

/** Remembers by name which address connected, beyond the lifetime of a DNS answer. */
export class AddressOrder {
  readonly #experiences = new Map<string, Experience>();

  /**
   * The last winner first and failed addresses last; in between IPv6 and IPv4 take turns. @see RFC
   * 8305, section 4.
   */
  sort(name: string, addresses: readonly string[]): readonly string[] {
    const turns = interleaved(addresses);
    const known = this.#experiences.get(name);
    if (known === undefined) return turns;
    const rank = (address: string): number => {
      if (address === known.winner) return 0;
      return known.failed.has(address) ? 2 : 1;
    };
    return turns.toSorted((a, b) => rank(a) - rank(b));
  }

  connected(name: string, address: string): void {
    const experience = this.#of(name);
    experience.winner = address;
    experience.failed.delete(address);
  }

  failed(name: string, address: string): void {
    const experience = this.#of(name);
    if (experience.winner === address) experience.winner = null;
    experience.failed.add(address);
  }

  #of(name: string): Experience {
    const known = this.#experiences.get(name);
    if (known !== undefined) return known;
    const created: Experience = { winner: null, failed: new Set() };
    this.#experiences.set(name, created);
    if (this.#experiences.size > MOST_NAMES) {
      const [oldest] = this.#experiences.keys();
      if (oldest !== undefined) this.#experiences.delete(oldest);
    }
    return created;
  }
}

function interleaved(addresses: readonly string[]): readonly string[] {
  const six = addresses.filter((address) => net.isIPv6(address));
  const four = addresses.filter((address) => !net.isIPv6(address));
  const longest = Math.max(six.length, four.length);
  return Array.from({ length: longest }, (_none, at) => [six[at], four[at]])
    .flat()
    .filter((address) => address !== undefined);
}
