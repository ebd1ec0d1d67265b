/**
 * Runs in a network namespace of its own (`unshare -n`): gives this machine public addresses,
 * starts a name server with given answers, and downloads one batch. The program under test is not
 * modified: getaddrinfo queries that name server.
 *
 * Reads {answers, addresses, urls, config, input, dataRoot} from stdin and prints the queries and
 * connections.
 */
'use strict';
const net = require('node:net');
const { execFileSync } = require('node:child_process');
const { readFileSync } = require('node:fs');
const { runBatch } = require('../../dist/download/run-batch.js');
const { createDownloadNetwork } = require('../../dist/download/hosts/download-network.js');
const { createImageChecker } = require('../../dist/images/image-checker.js');
const { startNameServer } = require('../helpers/hosts/name-server.cjs');

const scene = JSON.parse(readFileSync(0, 'utf8'));
const lookups = [];
const connections = [];

/**
 * Answers the nth query for a name and type with the nth list of addresses, and further ones with
 * the last list.
 */
function addressesOf(name, type) {
  lookups.push(`${name} ${type}`);
  if (scene.answers[name] === undefined) return null;
  const lists = scene.answers[name][type] ?? [[]];
  const nth = lookups.filter((asked) => asked === `${name} ${type}`).length - 1;
  return lists[Math.min(nth, lists.length - 1)];
}

async function listen() {
  execFileSync('ip', ['link', 'set', 'lo', 'up']);
  for (const address of scene.addresses)
    execFileSync('ip', [
      'addr',
      'add',
      `${address}/${net.isIPv6(address) ? 128 : 32}`,
      'dev',
      'lo',
    ]);
  await startNameServer('127.0.0.1', addressesOf);
  const web = net.createServer((socket) => {
    socket.on('error', () => undefined);
    const isFirst = connections.length === 0;
    let requests = 0;
    connections.push(socket.localAddress.replace(/^::ffff:/, ''));
    socket.on('data', (chunk) => {
      const path = chunk.toString('latin1').split(' ')[1];
      requests += 1;
      if (scene.hangsUp && isFirst && requests === 2) {
        setTimeout(() => socket.destroy(), 300);
        return;
      }
      const location = scene.redirects[path];
      const close = scene.closes ? 'connection: close\r\n' : '';
      if (location !== undefined)
        socket.write(
          `HTTP/1.1 302 Found\r\nlocation: ${location}\r\ncontent-length: 0\r\n${close}\r\n`,
        );
      else socket.write(`HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n${close}\r\n`);
      if (scene.closes) socket.end();
    });
  });
  await new Promise((resolve) => web.listen(80, '::', resolve));
}

async function main() {
  await listen();
  const checker = createImageChecker({ processes: 1, timeoutMs: 20_000 });
  const watch = { settled: () => undefined, hostWaits: () => undefined, ended: () => undefined };
  const fence = { assertOpen: () => undefined, openUntilMs: () => Number.MAX_SAFE_INTEGER };
  const tools = {
    checker,
    fence,
    network: createDownloadNetwork(),
    watch,
    onProgress: () => undefined,
  };
  const { dataRoot, input, config } = scene;
  const { signal } = new AbortController();
  await runBatch({ dataRoot, input, config, attempt: 1, signal, ...tools });
  process.stdout.write(JSON.stringify({ lookups, connections }), () => process.exit(0));
}

void main();
