/** Finds the IPv4 address inside an IPv6 address that a NAT64 gateway translates. */
import net from 'node:net';

/** A prefix whose addresses a NAT64 gateway turns into IPv4 addresses. */
export interface TranslationPrefix {
  /** The bytes before the IPv4 address. */
  readonly bytes: readonly number[];
  /** The length in bits, one of {@link PREFIX_LENGTHS}. */
  readonly length: number;
}

/**
 * The prefix lengths in bits that translated addresses may have.
 *
 * @see RFC 6052, section 2.2.
 */
export const PREFIX_LENGTHS: readonly number[] = [32, 40, 48, 56, 64, 96];

/** Byte 8 of a translated address is reserved: it is zero, and the IPv4 address leaves it out. */
const RESERVED_BYTE = 8;

/** The prefix that every NAT64 gateway may use, 64:ff9b::/96. */
export const WELL_KNOWN_PREFIX: TranslationPrefix = {
  bytes: [0x00, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0],
  length: 96,
};

/** The IPv4 address that a gateway with one of these prefixes would connect to, otherwise null. */
export function embeddedIpv4(
  address: string,
  prefixes: readonly TranslationPrefix[],
): string | null {
  const bytes = ipv6Bytes(address);
  if (bytes === null) return null;
  const prefix = prefixes.find((one) => one.bytes.every((byte, index) => bytes[index] === byte));
  return prefix === undefined ? null : ipv4After(bytes, prefix.length);
}

/** The four bytes after a prefix of `length` bits, in dotted notation. */
export function ipv4After(bytes: readonly number[], length: number): string {
  const after = bytes.filter((_byte, index) => index >= length / 8 && index !== RESERVED_BYTE);
  return (length === 96 ? bytes.slice(12) : after.slice(0, 4)).join('.');
}

/** The sixteen bytes of an IPv6 address without a zone; null for anything else. */
export function ipv6Bytes(address: string): readonly number[] | null {
  if (!net.isIPv6(address) || address.includes('%')) return null;
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(address);
  const text = dotted === null ? address : withHexadecimalGroups(dotted);
  const [left = '', right] = text.split('::');
  const [first, last] = [parseGroups(left), parseGroups(right ?? '')];
  const zeros = Array.from({ length: 8 - first.length - last.length }, () => 0);
  const groups = right === undefined ? first : [...first, ...zeros, ...last];
  return groups.flatMap((group) => [group >> 8, group & 0xff]);
}

/** Writes `::ffff:1.2.3.4` as `::ffff:102:304`. */
function withHexadecimalGroups([, before = '', ...bytes]: readonly string[]): string {
  const [a = 0, b = 0, c = 0, d = 0] = bytes.map(Number);
  return `${before}${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
}

function parseGroups(text: string): readonly number[] {
  return text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
}
