/**
 * The process of a long-tail world: its name server, its origin, and what it saw. namespace.cjs
 * starts it in a network and mount namespace of its own and sends it the hosts; it ends with its
 * parent.
 *
 * Over IPC it takes `{ question: 'stats' }` and `{ portal }` and answers with the statistics. From
 * inside of the namespace, http://127.0.0.1/__stats returns them without the hosts,
 * http://127.0.0.1/__hosts with them, and /__portal?page, ?redirect and ?off switch the captive
 * portal.
 */
'use strict';
const { KINDS } = require('./hosts.cjs');
const { startNameServer } = require('./name-server.cjs');
const { Origin } = require('./origin.cjs');

process.once('disconnect', () => process.exit(0));
process.once('message', (options) => void serve(options));

async function serve({ hosts: list, gapSeconds, dnsMs }) {
  const hosts = new Map(list.map((host) => [host.name, withSeen(host)]));
  const portalRecord = { A: ['127.0.0.1'], AAAA: [] };
  const life = { firstAt: null, firstRequestAt: null };
  const begin = () => (life.firstAt ??= Date.now());
  const origin = await Origin.start({
    hosts,
    gapSeconds,
    secondsAlive: () => (Date.now() - begin()) / 1_000,
    onRequest: ({ seen }) => {
      begin();
      life.firstRequestAt ??= Date.now();
      seen.arrivals.push(Date.now());
    },
    control: (path) => {
      const [command, mode] = path.slice(3).split('?');
      if (command === 'portal') setPortal(mode);
      return statsOf(hosts, origin, life, { hasHosts: command === 'hosts' });
    },
  });
  const setPortal = (mode) => {
    origin.portal = mode === 'page' || mode === 'redirect' ? mode : null;
  };
  const unknown = withSeen({ kind: 'unknown', code: null });
  const recordOf = (name) => hosts.get(name) ?? (name === 'portal.test' ? portalRecord : null);
  await startNameServer({
    find: recordOf,
    delayMs: dnsMs,
    onQuery: (name, type, transport) => {
      begin();
      const { queries } = (hosts.get(name) ?? unknown).seen;
      const key = transport === 'udp' ? type : `${type} over TCP`;
      queries[key] = (queries[key] ?? 0) + 1;
    },
  });
  process.on('message', ({ portal }) => {
    if (portal !== undefined) setPortal(portal);
    process.send(statsOf(hosts, origin, life, { hasHosts: true }));
  });
  process.send({ isReady: true });
}

/** Adds `seen`, the requests and queries for a host. `dns` decides how its name is answered. */
function withSeen(host) {
  const dns = KINDS[host.kind]?.dns;
  return { ...host, dns, seen: { queries: {}, connections: 0, arrivals: [] } };
}

/** Times are in milliseconds since the epoch, and null when nothing arrived. */
function statsOf(hosts, origin, { firstAt, firstRequestAt }, { hasHosts }) {
  const rows = [...hosts.values()].map(({ name, kind, seen }) => ({
    name,
    kind,
    queries: seen.queries,
    connections: seen.connections,
    requests: seen.arrivals.length,
    mostInOneSecond: mostInOneSecond(seen.arrivals),
    arrivals: seen.arrivals,
  }));
  const sum = (numbers) => numbers.reduce((a, b) => a + b, 0);
  const most = (numbers) => numbers.reduce((a, b) => Math.max(a, b), 0);
  return {
    firstAt,
    firstRequestAt,
    lastObtainableAt: origin.lastObtainableAt,
    imagesServed: origin.obtainableCount,
    requests: sum(rows.map(({ requests }) => requests)),
    connections: sum(rows.map(({ connections }) => connections)),
    mostRequestsOfOneHost: most(rows.map(({ requests }) => requests)),
    mostRequestsInOneSecond: most(rows.map((row) => row.mostInOneSecond)),
    dnsQueries: sum(rows.flatMap(({ queries }) => Object.values(queries))),
    mostAQueriesOfOneName: most(rows.map(({ queries }) => queries.A ?? 0)),
    mostAaaaQueriesOfOneName: most(rows.map(({ queries }) => queries.AAAA ?? 0)),
    ...(hasHosts ? { hosts: rows } : {}),
  };
}

/** The most requests in any window of one second. `arrivals` are in ms, in order. */
function mostInOneSecond(arrivals) {
  let first = 0;
  let most = 0;
  arrivals.forEach((at, n) => {
    while (at - arrivals[first] >= 1_000) first += 1;
    most = Math.max(most, n - first + 1);
  });
  return most;
}
