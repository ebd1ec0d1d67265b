/**
 * A name server for a network of a test's own, over UDP and TCP. It answers with what it is told.
 */
'use strict';
const dgram = require('node:dgram');
const net = require('node:net');

const TYPES = { 1: 'A', 28: 'AAAA' };

/**
 * `answerTo(name, type)` returns a list of addresses, null when the name does not exist, or an
 * object with `addresses`, `ttl` (seconds, default 0), `rcode`, `cname`, `delayMs`, `isSilent` and
 * `isTruncated` (the whole answer comes over TCP only). `type` is undefined for anything but A and
 * AAAA. Resolves when it listens on port 53 of `address`.
 */
async function startNameServer(address, answerTo) {
  const udp = dgram.createSocket('udp4');
  udp.on('message', (query, from) => {
    answer(query, answerTo, 'udp', (reply) => udp.send(reply, from.port, from.address));
  });
  const tcp = net.createServer((socket) => {
    socket.on('error', () => undefined);
    let received = Buffer.alloc(0);
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      while (received.length >= 2 && received.length >= 2 + received.readUInt16BE(0)) {
        const end = 2 + received.readUInt16BE(0);
        answer(received.subarray(2, end), answerTo, 'tcp', (reply) => {
          const length = Buffer.alloc(2);
          length.writeUInt16BE(reply.length);
          socket.write(Buffer.concat([length, reply]));
        });
        received = received.subarray(end);
      }
    });
  });
  await new Promise((resolve) => udp.bind(53, address, resolve));
  await new Promise((resolve) => tcp.listen(53, address, resolve));
  return () => {
    udp.close();
    tcp.close();
  };
}

function answer(query, answerTo, transport, send) {
  const labels = [];
  let at = 12;
  for (; query[at] !== 0; at += query[at] + 1)
    labels.push(query.toString('latin1', at + 1, at + 1 + query[at]));
  const type = TYPES[query.readUInt16BE(at + 1)];
  const given = answerTo(labels.join('.'), type, transport);
  const known = given === null ? { rcode: 3 } : Array.isArray(given) ? { addresses: given } : given;
  if (known.isSilent) return;
  const reply = replyTo(query.subarray(0, at + 5), type, known, transport);
  if (known.delayMs === undefined) send(reply);
  else setTimeout(() => send(reply), known.delayMs);
}

function replyTo(question, type, known, transport) {
  const isCut = known.isTruncated === true && transport === 'udp';
  const { addresses = [], ttl = 0, cname } = isCut ? {} : known;
  const records = cname === undefined ? [] : [record(POINTER, 5, ttl, nameBytes(cname))];
  const owner = cname === undefined ? POINTER : nameBytes(cname);
  for (const address of addresses)
    records.push(record(owner, type === 'A' ? 1 : 28, ttl, bytesOf(address)));
  const header = Buffer.alloc(12);
  question.copy(header, 0, 0, 2);
  header.writeUInt16BE(0x8180 | (isCut ? 0x0200 : 0) | (known.rcode ?? 0), 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(records.length, 6);
  return Buffer.concat([header, question.subarray(12), ...records]);
}

/** The question's name. */
const POINTER = Buffer.from([0xc0, 12]);

/** Owner, type, class IN, time to live, length, data. */
function record(owner, type, ttl, data) {
  const head = Buffer.alloc(10);
  head.writeUInt16BE(type, 0);
  head.writeUInt16BE(1, 2);
  head.writeUInt32BE(ttl, 4);
  head.writeUInt16BE(data.length, 8);
  return Buffer.concat([owner, head, data]);
}

function nameBytes(name) {
  const labels = name.split('.').map((label) => Buffer.from([label.length, ...Buffer.from(label)]));
  return Buffer.concat([...labels, Buffer.from([0])]);
}

function bytesOf(address) {
  if (net.isIPv4(address)) return Buffer.from(address.split('.').map(Number));
  const [left, right = ''] = address.split('::').map((part) => part.split(':').filter(Boolean));
  const groups = [...left, ...Array(8 - left.length - right.length).fill('0'), ...right];
  return Buffer.from(groups.map((group) => group.padStart(4, '0')).join(''), 'hex');
}

module.exports = { bytesOf, startNameServer };
