/**
 * In a network namespace of its own (`unshare -n`): a machine with public addresses, all of them here, a name server that answers as
 * it is told, and one batch that downloads from it. Nothing is faked on our side: getaddrinfo asks that name server.
 *
 * Reads {answers, addresses, urls, config, input, dataRoot} from stdin; prints what was asked, of whom.
 */
'use strict';
const dgram = require('node:dgram');
const net = require('node:net');
const { execFileSync } = require('node:child_process');
const { readFileSync } = require('node:fs');
const { runBatch } = require('../../dist/download/run-batch.js');
const { createStallWatch } = require('../../dist/download/stall-watch.js');
const { createImageChecker } = require('../../dist/images/image-checker.js');

const scene = JSON.parse(readFileSync(0, 'utf8'));
const TYPES = { 1: 'A', 28: 'AAAA' };
const lookups = [];
const connections = [];

/** The nth question for a name and type gets the nth list of addresses, the last one for ever. */
function answersOf(name, type) {
  const lists = scene.answers[name]?.[type] ?? [[]];
  const nth = lookups.filter((asked) => asked === `${name} ${type}`).length - 1;
  return lists[Math.min(nth, lists.length - 1)];
}

function dnsReply(query) {
  const labels = [];
  let at = 12;
  for (; query[at] !== 0; at += query[at] + 1)
    labels.push(query.toString('latin1', at + 1, at + 1 + query[at]));
  const type = TYPES[query.readUInt16BE(at + 1)];
  const name = labels.join('.');
  lookups.push(`${name} ${type}`);
  const isKnown = scene.answers[name] !== undefined;
  const addresses = type === undefined ? [] : answersOf(name, type);
  const header = Buffer.alloc(12);
  query.copy(header, 0, 0, 2);
  header.writeUInt16BE(isKnown ? 0x8180 : 0x8183, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(addresses.length, 6);
  const records = addresses.map((address) => {
    const data = bytesOf(address);
    const fixed = Buffer.from([
      0xc0,
      12,
      0,
      type === 'A' ? 1 : 28,
      0,
      1,
      0,
      0,
      0,
      0,
      0,
      data.length,
    ]);
    return Buffer.concat([fixed, data]);
  });
  return Buffer.concat([header, query.subarray(12, at + 5), ...records]);
}

function bytesOf(address) {
  if (net.isIPv4(address)) return Buffer.from(address.split('.').map(Number));
  const [left, right = ''] = address.split('::').map((part) => part.split(':').filter(Boolean));
  const groups = [...left, ...Array(8 - left.length - right.length).fill('0'), ...right];
  return Buffer.from(groups.map((group) => group.padStart(4, '0')).join(''), 'hex');
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
  const names = dgram.createSocket('udp4');
  names.on('message', (query, { port, address }) => names.send(dnsReply(query), port, address));
  await new Promise((resolve) => names.bind(53, '127.0.0.1', resolve));
  const web = net.createServer((socket) => {
    socket.on('error', () => undefined);
    connections.push(socket.localAddress.replace(/^::ffff:/, ''));
    socket.on('data', (chunk) => {
      const path = chunk.toString('latin1').split(' ')[1];
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
  const tools = { checker, stalls: createStallWatch(), watch, onProgress: () => undefined };
  const { dataRoot, input, config } = scene;
  const { signal } = new AbortController();
  await runBatch({ dataRoot, input, config, attempt: 1, signal, ...tools });
  process.stdout.write(JSON.stringify({ lookups, connections }), () => process.exit(0));
}

void main();
