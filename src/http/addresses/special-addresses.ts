/** Recognises addresses that are not on the public internet. */
import net from 'node:net';
import { embeddedIpv4, WELL_KNOWN_PREFIX } from './embedded-ipv4';

type Subnets = readonly (readonly [string, number])[];

/**
 * IPv4 networks that are not public. The last one is the metadata server of a cloud, which has a
 * public address but only answers machines of that cloud.
 *
 * @see IANA IPv4 Special-Purpose Address Registry (2025-10), entries whose "globally reachable" is
 * not true; RFC 5771 for multicast.
 */
const SPECIAL_IPV4: Subnets = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
  ['168.63.129.16', 32],
];

/**
 * The public part of IPv6, except for 64:ff9b::/96. Outside of it are loopback, unique local,
 * link-local and multicast addresses, those that carry an IPv4 address which a gateway would
 * connect to (::/96, ::ffff:0:0/96, ::ffff:0:0:0/96, 64:ff9b:1::/48), and unallocated space.
 *
 * @see IANA IPv6 Address Space: global unicast addresses are allocated from 2000::/3 only.
 */
const GLOBAL_UNICAST: Subnets = [['2000::', 3]];

/**
 * Special networks within 2000::/3: protocol assignments with Teredo, benchmarking and ORCHID; two
 * for documentation; 6to4, which carries an IPv4 address.
 *
 * @see IANA IPv6 Special-Purpose Address Registry (2025-10).
 */
const SPECIAL_IPV6: Subnets = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
];

const specialIpv4 = createBlockList(SPECIAL_IPV4, 'ipv4');
const globalIpv6 = createBlockList(GLOBAL_UNICAST, 'ipv6');
const specialIpv6 = createBlockList(SPECIAL_IPV6, 'ipv6');

/**
 * True for private, loopback, link-local, CGNAT, multicast, documentation and mapped addresses, and
 * for text that is not an address. An address within 64:ff9b::/96 is as public as the IPv4 address
 * in it, to which a NAT64 gateway connects.
 */
export function isSpecialAddress(address: string): boolean {
  const bare = embeddedIpv4(address, [WELL_KNOWN_PREFIX]) ?? withoutZone(address);
  const family = net.isIP(bare);
  // Each list has one family, because a BlockList with IPv4 rules applies them to mapped IPv6
  // addresses.
  if (family === 4) return specialIpv4.check(bare, 'ipv4');
  return family === 0 || !globalIpv6.check(bare, 'ipv6') || specialIpv6.check(bare, 'ipv6');
}

/** Removes the zone, which names a network interface: `fe80::1%eth0` becomes `fe80::1`. */
export function withoutZone(address: string): string {
  return address.replace(/%.*$/, '');
}

function createBlockList(subnets: Subnets, family: 'ipv4' | 'ipv6'): net.BlockList {
  const list = new net.BlockList();
  for (const [address, prefix] of subnets) list.addSubnet(address, prefix, family);
  return list;
}
