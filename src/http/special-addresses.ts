/** Addresses that are not the public internet. */
import net from 'node:net';

/** **Source** IANA special-purpose address registries (RFC 6890 and successors), IPv4. */
const IPV4: readonly (readonly [string, number])[] = [
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
];

/**
 * **Source** the same registries, IPv6. ::/96 because ::127.0.0.1 is not matched by ::/128; 64:ff9b::/96 and 2002::/16
 * carry an IPv4 address that a gateway would connect to.
 */
const IPV6: readonly (readonly [string, number])[] = [
  ['::', 96],
  ['::ffff:0:0', 96],
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['100::', 64],
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
  ['5f00::', 16],
  ['fc00::', 7],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
];

const special4 = new net.BlockList();
for (const [address, prefix] of IPV4) special4.addSubnet(address, prefix, 'ipv4');
const special6 = new net.BlockList();
for (const [address, prefix] of IPV6) special6.addSubnet(address, prefix, 'ipv6');

/** True for private, loopback, link-local, CGNAT, multicast, documentation, mapped and translated addresses. */
export function isSpecialAddress(address: string): boolean {
  const bare = address.replace(/%.*$/, '');
  const family = net.isIP(bare);
  // Two lists: a BlockList with IPv4 rules answers for mapped IPv6 addresses by the IPv4 in them.
  if (family === 4) return special4.check(bare, 'ipv4');
  return family === 0 || special6.check(bare, 'ipv6');
}
