/**
 * The hosts of a long-tail world: which kinds there are, what each one does, and what a downloader
 * must make of it.
 */
'use strict';
const { createHash } = require('node:crypto');

/**
 * What each kind of host does. `code` is the outcome that an image of such a host must have; null
 * means that the image is obtainable. `isRetryable: false` marks failures that a later run need not
 * try again. `v4` and `v6` say where the host's addresses lead: `live` (the origin), `closed`
 * (connections are refused), `dead` (packets are dropped) or `noroute` (the kernel knows no way).
 * `delayMs` is the origin's time to answer, if not 50 ms. `dns` says how the name server's answer
 * differs from a plain list of the addresses.
 */
const KINDS = {
  ok: { does: 'answers after 50 ms', code: null, v4: 'live' },
  slow: { does: 'answers after 0.8 s', code: null, v4: 'live', delayMs: 800 },
  slowdns: { does: 'its name takes 3 s', code: null, v4: 'live', dns: { delayMs: 3_000 } },
  cname: { does: 'a chain of five CNAMEs', code: null, v4: 'live', dns: { hops: 5 } },
  tcp: { does: 'DNS over UDP is truncated', code: null, v4: 'live', dns: { isTruncated: true } },
  v6dead: { does: 'its AAAA drops packets, its A is live', code: null, v4: 'live', v6: 'dead' },
  v6noroute: { does: 'no route to its AAAA, its A is live', code: null, v4: 'live', v6: 'noroute' },
  v6only: { does: 'has a live AAAA and no A', code: null, v6: 'live' },
  comeback: {
    does: 'refuses for a while after its first answer',
    code: null,
    v4: 'live',
    gap: 'refuses',
  },
  lull: {
    does: 'is silent for a while after its first answer',
    code: null,
    v4: 'live',
    gap: 'silent',
  },
  nx: { does: 'NXDOMAIN', code: 'dns', dns: { rcode: 3 } },
  mute: { does: 'the name server stays silent', code: 'dns', dns: { isSilent: true } },
  fail: { does: 'SERVFAIL', code: 'dns', dns: { rcode: 2 } },
  dnsrefuse: { does: 'REFUSED', code: 'dns', dns: { rcode: 5 } },
  dead: { does: 'its address drops packets', code: 'timeout', v4: 'dead' },
  refuse: { does: 'its address refuses connections', code: 'connect', v4: 'closed' },
  err: { does: 'answers 500', code: 'http_500', v4: 'live', status: '500 Internal Server Error' },
  e404: {
    does: 'answers 404',
    code: 'http_404',
    isRetryable: false,
    v4: 'live',
    status: '404 Not Found',
  },
  stall: { does: 'accepts and never answers', code: 'timeout', v4: 'live', ending: 'none' },
  hangup: { does: 'closes after the request', code: 'connect', v4: 'live', ending: 'close' },
};

/** The mix of the project's criterion, in per cent of the hosts. */
const DEFAULT_MIX = { ok: 70, nx: 8, slow: 5, mute: 3, dead: 5, refuse: 4, err: 3, fail: 2 };

/**
 * Lists the hosts of a world.
 *
 * @param options.mix - Shares by kind. With as many shares as hosts, a share is one host.
 * @param options.isOpaque - Names are hashes, so that they do not reveal the kind.
 * @param options.hasOwnAddresses - Each live host has a loopback address of its own instead of
 *   127.0.0.1.
 * @param options.isHealthy - The same hosts without those whose images cannot be obtained.
 */
function hostsOf({
  count,
  mix = DEFAULT_MIX,
  isOpaque = false,
  hasOwnAddresses = false,
  isHealthy = false,
}) {
  const shares = Object.entries(mix).flatMap(([kind, share]) => {
    if (KINDS[kind] === undefined)
      throw new Error(`"${kind}" is no kind: ${Object.keys(KINDS).join(', ')}`);
    return Array(share).fill(kind);
  });
  const hosts = Array.from({ length: count }, (_none, n) => {
    const kind = shares[Math.floor(((n + 0.5) * shares.length) / count)];
    return hostOf(kind, n, { isOpaque, hasOwnAddresses });
  });
  return isHealthy ? hosts.filter(({ code }) => code === null) : hosts;
}

function hostOf(kind, n, { isOpaque, hasOwnAddresses }) {
  const { code, isRetryable = true, v4, v6, gap, dns } = KINDS[kind];
  const label = isOpaque
    ? createHash('sha256').update(`long tail ${n} ${kind}`).digest('hex').slice(0, 12)
    : `${kind}-${n}`;
  // A host that closes its port for a while can only do so with an address of its own.
  const own = hasOwnAddresses || gap !== undefined ? n : null;
  return {
    name: `${label}.test`,
    kind,
    code,
    isRetryable: code !== null && isRetryable,
    isNamedAtOnce: isNamedAtOnce(dns),
    A: v4 === undefined ? [] : [addressV4(v4, v4 === 'live' ? own : n)],
    AAAA: v6 === undefined ? [] : [addressV6(v6, v6 === 'live' ? own : n)],
  };
}

/**
 * The name server answers at once and with addresses: a resolver has no reason to ask again within
 * their time to live.
 */
function isNamedAtOnce(dns = {}) {
  return dns.rcode === undefined && dns.delayMs === undefined && dns.isSilent === undefined;
}

/**
 * `dead` addresses are outside of loopback, because loopback drops nothing; namespace.cjs makes a
 * cable that does.
 */
function addressV4(where, n) {
  if (where === 'live' && n === null) return '127.0.0.1';
  const prefix = { live: '127.16', closed: '127.64', dead: '93.184' }[where];
  return `${prefix}.${1 + Math.floor(n / 250)}.${1 + (n % 250)}`;
}

function addressV6(where, n) {
  const subnet = { live: 1, dead: 2, noroute: 3 }[where];
  return `2606:2800:220:${subnet}::${(n === null ? 16 : 17 + n).toString(16)}`;
}

/** The URLs of all hosts in an order that is the same each time, with ids for a catalog. */
function imagesOf(hosts, imagesPerHost) {
  const images = hosts.flatMap((host) =>
    Array.from({ length: imagesPerHost }, (_none, n) => ({
      host,
      url: `http://${host.name}/img/${n}.jpg`,
    })),
  );
  let state = 7;
  for (let last = images.length - 1; last > 0; last -= 1) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    const other = Math.floor((state / 2 ** 32) * (last + 1));
    [images[last], images[other]] = [images[other], images[last]];
  }
  return images.map((image, n) => ({ id: `i${n}`, ...image }));
}

/** Any of the ways in which a downloader may report that the network itself is at fault. */
const LOST_NETWORK = /\bnetwork\b.{0,40}\b(gone|lost|down|unreachable|cannot be reached)\b/i;

module.exports = { DEFAULT_MIX, KINDS, LOST_NETWORK, hostsOf, imagesOf };
