/** Addresses that are not the public internet. */
import net from 'node:net';
import { embeddedIpv4, WELL_KNOWN_PREFIX } from './embedded-ipv4';

type Subnets = readonly (readonly [string, number])[];

/**
 * **Source** IANA IPv4 Special-Purpose Address Registry (2025-10), where "globally reachable" is
 * not true; multicast (RFC 5771); the last one is a cloud's own server, which stands among public
 * addresses and answers only its own machines.
 */
const IPV4: Subnets = [
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
 * All that is public in IPv6, apart from 64:ff9b::/96. Outside of it are loopback, unique local,
 * link-local and multicast addresses, those that carry an IPv4 address which a gateway would
 * connect to (::/96, ::ffff:0:0/96, ::ffff:0:0:0/96, 64:ff9b:1::/48), and what nobody has been
 * given yet.
 *
 * **Source** IANA IPv6 Address Space: global unicast addresses are allocated from 2000::/3 alone.
 */
const GLOBAL_UNICAST: Subnets = [['2000::', 3]];

/**
 * **Source** IANA IPv6 Special-Purpose Address Registry (2025-10), as far as it lies within
 * 2000::/3: protocol assignments with Teredo, benchmarking and ORCHID; documentation, twice; 6to4,
 * which carries an IPv4 address.
 */
const IPV6: Subnets = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
];

const special4 = listOf(IPV4, 'ipv4');
const global6 = listOf(GLOBAL_UNICAST, 'ipv6');
const special6 = listOf(IPV6, 'ipv6');

/**
 * True for private, loopback, link-local, CGNAT, multicast, documentation and mapped addresses, and
 * for text that is no address. An address within 64:ff9b::/96 is as public as the IPv4 address in
 * it, which is where a NAT64 gateway connects to.
 */
export function isSpecialAddress(address: string): boolean {
  const bare = embeddedIpv4(address, [WELL_KNOWN_PREFIX]) ?? withoutZone(address);
  const family = net.isIP(bare);
  // Lists of one family: a BlockList with IPv4 rules answers for mapped IPv6 addresses by the IPv4
  // in them.
  if (family === 4) return special4.check(bare, 'ipv4');
  return family === 0 || !global6.check(bare, 'ipv6') || special6.check(bare, 'ipv6');
}

/** `fe80::1%eth0` is `fe80::1`, on one of the machine's networks. */
export function withoutZone(address: string): string {
  return address.replace(/%.*$/, '');
}

function listOf(subnets: Subnets, family: 'ipv4' | 'ipv6'): net.BlockList {
  const list = new net.BlockList();
  for (const [address, prefix] of subnets) list.addSubnet(address, prefix, family);
  return list;
}
