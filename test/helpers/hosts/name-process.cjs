/**
 * The process of name-network.ts, in namespaces of its own: its name servers, its hosts, and the
 * resolver and connector of the built program. Each message is a call; each answer carries the
 * call's id.
 */
'use strict';
const { execFileSync, fork } = require('node:child_process');
const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');
const tls = require('node:tls');
const { createAddressGuard } = require('../../../dist/http/addresses/address-guard.js');
const { createConnector } = require('../../../dist/http/connect/connector.js');
const { createNameResolver } = require('../../../dist/http/names/name-resolver.js');
const { startNameServer } = require('./name-server.cjs');

/** Listeners that do nothing cannot notice that this process ends. */
const children = [];
process.once('disconnect', () => {
  for (const child of children) child.kill('SIGKILL');
  process.exit(0);
});

let zone = {};
const queries = [];
const connections = [];
const listeners = new Map();
let resolver;
let connectorFor;

/** The nth answer for the nth query of a name and type; the last one stays. */
function answerTo(server) {
  return (name, type, transport) => {
    const nth = queries.filter((one) => one.name === name && one.type === type).length;
    queries.push({ server, name, type, transport });
    const known = zone[name];
    if (known === undefined) return null;
    const answers = known[type] ?? [[]];
    return answers[Math.min(nth, answers.length - 1)];
  };
}

const calls = {
  async start({ servers, silentServers, addresses, options, policy, timeoutMs }) {
    execFileSync('ip', ['link', 'set', 'lo', 'up']);
    for (const address of addresses) {
      const bits = net.isIPv6(address) ? [`${address}/128`, 'nodad'] : [`${address}/32`];
      execFileSync('ip', ['addr', 'add', bits[0], 'dev', 'lo', ...bits.slice(1)]);
    }
    for (const server of servers) await startNameServer(server, answerTo(server));
    for (const server of silentServers) await startNameServer(server, () => ({ isSilent: true }));
    resolver = createNameResolver(options);
    const guard = createAddressGuard(policy);
    const { signal } = new AbortController();
    connectorFor = createConnector({ resolver, guard, signal, connectTimeoutMs: timeoutMs });
  },
  serve({ records }) {
    zone = records;
    queries.length = 0;
  },
  queries: () => queries.filter(({ type }) => type !== undefined),
  connections: () => connections.splice(0),
  async resolve({ name }) {
    const startedAt = performance.now();
    const outcome = await resolver.resolve(name).then(({ addresses }) => ({ addresses }), failure);
    return { ...outcome, ms: performance.now() - startedAt };
  },
  async resolveAll({ names }) {
    return Promise.all(names.map((name) => calls.resolve({ name })));
  },
  async listen({ address, port, certificate }) {
    const accept = (socket) => {
      socket.on('error', () => undefined);
      connections.push(address);
    };
    const server =
      certificate === undefined
        ? net.createServer(accept)
        : tls.createServer(
            { cert: fs.readFileSync(certificate.cert), key: fs.readFileSync(certificate.key) },
            accept,
          );
    await new Promise((resolve) => server.listen(port, address, resolve));
    listeners.set(address, server);
  },
  async unlisten({ address }) {
    await new Promise((resolve) => listeners.get(address).close(resolve));
  },
  /** The queue is full when this returns. */
  async listenSlowly({ address, port, ms }) {
    const words = [address, String(port), String(ms)];
    const child = fork(path.join(__dirname, 'slow-listener.cjs'), words);
    children.push(child);
    await new Promise((resolve) => child.once('message', resolve));
    for (let n = 0; n < 4; n += 1) net.connect(port, address).on('error', () => undefined);
    await new Promise((resolve) => setTimeout(resolve, 50));
  },
  connect({ url: text }) {
    const url = new URL(text);
    const startedAt = performance.now();
    const { hostname, host, protocol, port } = url;
    return new Promise((resolve) => {
      connectorFor(url)({ hostname, host, protocol, port }, (error, socket) => {
        const ms = performance.now() - startedAt;
        if (error !== null) return resolve({ ...failure(error), ms });
        const { remoteAddress, alpnProtocol } = socket;
        socket.on('error', () => undefined).destroy();
        return resolve({ remoteAddress, alpnProtocol, ms });
      });
    });
  },
  /** Open sockets and pipes of this process. */
  descriptors: () => fs.readdirSync('/proc/self/fd').length,
  children: () =>
    fs
      .readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8')
      .split(' ')
      .filter((pid) => pid !== '').length,
};

function failure({ code, message, isUnreachable, resolverUnreachable, noRoute }) {
  return { code, message, isUnreachable, resolverUnreachable, noRoute };
}

process.on('message', async ({ id, call, ...given }) => {
  const answer = await calls[call](given);
  process.send({ id, answer: answer ?? null });
});
