/** Which addresses count as public, compared with IANA's registries and in every notation. */
import net from 'node:net';
import fc from 'fast-check';
import { createAddressGuard } from '../../src/http/addresses/address-guard';
import { isSpecialAddress } from '../../src/http/addresses/special-addresses';

/**
 * The first and last address of each block that is not global.
 *
 * @see IANA's special-purpose address registries of October 2025.
 */
const REGISTRY = [
  ['0.0.0.0', '0.255.255.255', 'this network'],
  ['10.0.0.0', '10.255.255.255', 'private use'],
  ['100.64.0.0', '100.127.255.255', 'shared address space'],
  ['127.0.0.0', '127.255.255.255', 'loopback'],
  ['169.254.0.0', '169.254.255.255', 'link local'],
  ['172.16.0.0', '172.31.255.255', 'private use'],
  ['192.0.0.0', '192.0.0.255', 'protocol assignments'],
  ['192.0.2.0', '192.0.2.255', 'documentation'],
  ['192.88.99.0', '192.88.99.255', '6to4 relays'],
  ['192.168.0.0', '192.168.255.255', 'private use'],
  ['198.18.0.0', '198.19.255.255', 'benchmarking'],
  ['198.51.100.0', '198.51.100.255', 'documentation'],
  ['203.0.113.0', '203.0.113.255', 'documentation'],
  ['224.0.0.0', '239.255.255.255', 'multicast'],
  ['240.0.0.0', '255.255.255.255', 'reserved, broadcast'],
  ['::', '::1', 'unspecified, loopback'],
  ['::7f00:1', '::ffff:ffff', 'IPv4-compatible'],
  ['::ffff:0:0', '::ffff:ffff:ffff', 'IPv4-mapped'],
  ['::ffff:0:7f00:1', '::ffff:0:ffff:ffff', 'IPv4-translated'],
  ['64:ff9b::', '64:ff9b::ffff:ffff', 'NAT64'],
  ['64:ff9b:1::', '64:ff9b:1:ffff:ffff:ffff:ffff:ffff', 'NAT64, local'],
  ['100::', '100::ffff:ffff:ffff:ffff', 'discard only'],
  ['100:0:0:1::', '100:0:0:1:ffff:ffff:ffff:ffff', 'dummy prefix'],
  ['200::', '3ff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', 'NSAP'],
  ['2001::', '2001:0:ffff:ffff:ffff:ffff:ffff:ffff', 'Teredo'],
  ['2001:2::', '2001:2:0:ffff:ffff:ffff:ffff:ffff', 'benchmarking'],
  ['2001:10::', '2001:1f:ffff:ffff:ffff:ffff:ffff:ffff', 'ORCHID'],
  ['2001:20::', '2001:2f:ffff:ffff:ffff:ffff:ffff:ffff', 'ORCHIDv2'],
  ['2001:db8::', '2001:db8:ffff:ffff:ffff:ffff:ffff:ffff', 'documentation'],
  ['2002::', '2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff', '6to4'],
  ['3fff::', '3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff', 'documentation'],
  ['5f00::', '5f00:ffff:ffff:ffff:ffff:ffff:ffff:ffff', 'segment routing'],
  ['4000::', '5eff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', 'not allocated'],
  ['fc00::', 'fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', 'unique local'],
  ['fe80::', 'febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff', 'link local'],
  ['fec0::', 'feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', 'site local'],
  ['ff00::', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', 'multicast'],
] as const;

/** Metadata servers of clouds, from which the credentials of a machine can be read. */
const METADATA = ['169.254.169.254', 'fd00:ec2::254', '100.100.100.200', '168.63.129.16'];

/** Addresses just outside of special blocks, and ordinary ones. */
const PUBLIC = [
  ...['1.0.0.0', '9.255.255.255', '11.0.0.0', '100.63.255.255', '100.128.0.0', '126.255.255.255'],
  ...['128.0.0.0', '172.15.255.255', '172.32.0.0', '192.0.1.0', '192.167.255.255', '192.169.0.0'],
  ...['198.17.255.255', '198.20.0.0', '223.255.255.255', '168.63.129.15', '93.184.216.34'],
  ...[
    '2000::',
    '2001:200::',
    '2001:db7::',
    '2001:db9::',
    '2003::',
    '2600::',
    '3ffe::',
    '3fff:1000::',
  ],
];

const guard = createAddressGuard({ allowPrivateHosts: [], allowedPorts: [80, 443] });
const verdict = (text: string): string => {
  try {
    guard.check(new URL(text));
    return 'allowed';
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
};
const urlOf = (address: string): string =>
  `http://${net.isIPv6(address) ? `[${address}]` : address}/x`;

describe('an address', () => {
  it.each(REGISTRY)('%s to %s is not public: %s', (first, last) => {
    for (const address of [first, last]) {
      expect(isSpecialAddress(address)).toBe(true);
      expect(verdict(urlOf(address))).toBe('blocked_address');
    }
  });

  it.each(METADATA)('%s of a cloud’s metadata server is not public', (address) => {
    expect(verdict(urlOf(address))).toBe('blocked_address');
  });

  it.each(PUBLIC)('%s is public', (address) => {
    expect(isSpecialAddress(address)).toBe(false);
    expect(verdict(urlOf(address))).toBe('allowed');
  });

  it.each(['fe80::1%eth0', 'fe80::1%lo', '::1%1', '', 'localhost', '1.2.3', '256.1.1.1'])(
    '"%s" is not public, because it has a zone or is not an address',
    (address) => {
      expect(isSpecialAddress(address)).toBe(true);
    },
  );

  it('of IPv4 is not public in any form of IPv6 that contains it', () => {
    const byte = fc.integer({ min: 0, max: 255 });
    fc.assert(
      fc.property(byte, byte, byte, byte, (...bytes) => {
        const dotted = bytes.join('.');
        const [high, low] = [0, 2].map((at) =>
          (((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)).toString(16),
        ) as [string, string];
        const carried = [
          ...[`::${dotted}`, `::ffff:${dotted}`, `::ffff:0:${dotted}`],
          ...[`64:ff9b:1::${dotted}`, `2002:${high}:${low}::1`, `2001:0:${high}:${low}::`],
        ];
        for (const address of carried) expect(verdict(urlOf(address))).toBe('blocked_address');
      }),
      { numRuns: 300 },
    );
  });
});

describe('an address within 64:ff9b::/96', () => {
  it('is as public as the IPv4 address that a NAT64 gateway connects to', () => {
    const byte = fc.integer({ min: 0, max: 255 });
    fc.assert(
      fc.property(byte, byte, byte, byte, (...bytes) => {
        const dotted = bytes.join('.');
        const address = `64:ff9b::${dotted}`;
        expect(isSpecialAddress(address)).toBe(isSpecialAddress(dotted));
        expect(verdict(urlOf(address))).toBe(verdict(urlOf(dotted)));
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    ['64:ff9b::5db8:d822', 'allowed'],
    ['64:ff9b::7f00:1', 'blocked_address'],
    ['64:ff9b::a9fe:a9fe', 'blocked_address'],
    ['64:ff9b:0:0:0:1:5db8:d822', 'blocked_address'],
    ['64:ff9b::5db8:d822%eth0', 'blocked_address'],
  ])('is checked: %s is %s', (address, expected) => {
    expect(isSpecialAddress(address)).toBe(expected !== 'allowed');
    if (!address.includes('%')) expect(verdict(urlOf(address))).toBe(expected);
  });
});

describe('a URL', () => {
  it.each([
    ...['http://127.1/', 'http://127.0.1/', 'http://0/', 'http://0x7f.1/', 'http://0x7f000001/'],
    ...['http://2130706433/', 'http://017700000001/', 'http://0177.0.0.01/', 'http://127.0.0.1./'],
    ...['http:///127.0.0.1/', 'http:127.0.0.1/', 'http:\\\\127.0.0.1\\', 'http://127。0。0。1/'],
    ...['http://127.0.0.1/', 'http://①②⑦.⓪.⓪.①/', 'http://%31%32%37.0.0.1/'],
    ...[
      'http://[::1]/',
      'http://[0:0:0:0:0:0:0:1]/',
      'http://[::ffff:7f00:1]/',
      'http://[::127.0.0.1]/',
    ],
    ...['http://1\t27.0.0.1/', ' http://127.0.0.1/ ', 'hTtP://127.0.0.1:80/', 'https://127.1/'],
  ])('%s with loopback in an unusual spelling is refused before a request', (text) => {
    expect(verdict(text)).toBe('blocked_address');
  });

  it.each([
    ['http://127.0.0.1@example.org/', 'bad_url'],
    ['http://example.org:x@127.0.0.1/', 'bad_url'],
    ['http://@example.org/', 'allowed'],
    ['http://example.org:81/', 'blocked_address'],
    ['http://example.org:443/', 'allowed'],
    ['file:///etc/passwd', 'scheme'],
    ['data:image/png;base64,AA', 'scheme'],
    ['javascript:1', 'scheme'],
    ['ftp://example.org/', 'scheme'],
    ['gopher://example.org/', 'scheme'],
    ['blob:http://example.org/x', 'scheme'],
  ])('is checked: %s is %s', (text, expected) => {
    expect(verdict(text)).toBe(expected);
  });

  it.each([
    'http://[fe80::1%25eth0]/',
    'http://[::1%lo]/',
    'http://256.1.1.1/',
    'http://1.2.3.4.5/',
  ])('%s is not valid', (text) => {
    expect(URL.canParse(text)).toBe(false);
  });
});

describe('an exception in the worker’s configuration', () => {
  const opened = createAddressGuard({
    allowPrivateHosts: ['127.0.0.0/8', 'fe80::/10', 'intranet:8080'],
    allowedPorts: [80],
  });
  it.each([
    ['http://127.9.9.9/', true],
    ['http://[fe80::1]/', true],
    ['http://10.0.0.1/', false],
    ['http://intranet:8080/', true],
    ['http://intranet:8081/', false],
    ['http://other:8080/', false],
  ])('lets %s pass: %s', (text, isAllowed) => {
    const check = (): void => {
      opened.check(new URL(text));
    };
    if (isAllowed) expect(check).not.toThrow();
    else expect(check).toThrow();
  });
});
