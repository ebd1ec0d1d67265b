/** The name server of a long-tail world: UDP and TCP on port 53 of 127.0.0.1. */
'use strict';
const dgram = require('node:dgram');
const net = require('node:net');
const { bytesOf } = require('../../test/helpers/hosts/name-server.cjs');

const TYPES = { 1: 'A', 28: 'AAAA' };
const CODES = { A: 1, CNAME: 5, AAAA: 28 };
const NXDOMAIN = 3;

/** In seconds. Long enough that a run need not ask again. */
const TIME_TO_LIVE = 300;

/**
 * In bytes. A burst of several thousand queries must fit. The kernel caps it at net.core.rmem_max.
 */
const RECEIVE_BUFFER = 4_000_000;

/** A compression pointer to the question's name. */
const QUESTION_NAME = Buffer.from([0xc0, 12]);

/**
 * Starts the server.
 *
 * @param options.find - Returns the record of a name in lower case, or null when the name does not
 *   exist. A record has the lists `A` and `AAAA`, and optionally `dns` as in hosts.cjs.
 * @param options.onQuery - Called for every query with name, type (`A`, `AAAA` or `other`) and
 *   transport (`udp` or `tcp`).
 * @param options.delayMs - Time to answer of a name without a time of its own.
 */
async function startNameServer({ find, onQuery, delayMs }) {
  const answer = (query, transport, send) => {
    const question = questionOf(query);
    if (question === null) return;
    const { name, type } = question;
    onQuery(name, type, transport);
    const record = find(name.replace(/^hop\d\./, ''));
    if (record?.dns?.isSilent === true) return;
    const reply = replyTo(query, question, record, transport);
    setTimeout(() => send(reply), record?.dns?.delayMs ?? delayMs);
  };
  const udp = dgram.createSocket({ type: 'udp4', recvBufferSize: RECEIVE_BUFFER });
  udp.on('message', (query, { port, address }) =>
    answer(query, 'udp', (reply) => udp.send(reply, port, address)),
  );
  await new Promise((resolve) => udp.bind(53, '127.0.0.1', resolve));
  const tcp = net.createServer((socket) => serveTcp(socket, answer));
  await new Promise((resolve) =>
    tcp.listen({ port: 53, host: '127.0.0.1', backlog: 4_096 }, resolve),
  );
}

/** Over TCP each message is preceded by its length. */
function serveTcp(socket, answer) {
  let bytes = Buffer.alloc(0);
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk) => {
    bytes = Buffer.concat([bytes, chunk]);
    while (bytes.length >= 2 && bytes.length >= 2 + bytes.readUInt16BE(0)) {
      const end = 2 + bytes.readUInt16BE(0);
      answer(bytes.subarray(2, end), 'tcp', (reply) => {
        if (socket.writable) socket.write(Buffer.concat([uint16(reply.length), reply]));
      });
      bytes = bytes.subarray(end);
    }
  });
}

/**
 * The first question; null when the message is no query. `end`: where the question's section ends.
 */
function questionOf(query) {
  const labels = [];
  let at = 12;
  while (at < query.length && query[at] !== 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + query[at]));
    at += query[at] + 1;
  }
  const end = at + 5;
  if (end > query.length) return null;
  const name = labels.join('.').toLowerCase();
  return { name, type: TYPES[query.readUInt16BE(at + 1)] ?? 'other', end };
}

function replyTo(query, { name, type, end }, record, transport) {
  const { rcode = 0, hops = 0, isTruncated = false } = record?.dns ?? {};
  const isCut = isTruncated && transport === 'udp';
  const code = record === null ? NXDOMAIN : rcode;
  const answers =
    code === 0 && !isCut ? answersOf(record, type, name.startsWith('hop') ? 0 : hops) : [];
  // Without an answer, this record says for how long the absence may be cached (RFC 2308).
  const authority =
    answers.length === 0 && (code === 0 || code === NXDOMAIN) && !isCut ? [AUTHORITY] : [];
  const header = Buffer.concat([
    query.subarray(0, 2),
    uint16(0x8180 | (isCut ? 0x0200 : 0) | code),
    ...[1, answers.length, authority.length, 0].map(uint16),
  ]);
  return Buffer.concat([header, query.subarray(12, end), ...answers, ...authority]);
}

/**
 * A chain leads from the name over `hop1.<name>`, `hop2.<name>` and so on to the one that has the
 * addresses.
 */
function answersOf(record, type, hops) {
  const addresses = record[type] ?? [];
  const names = [QUESTION_NAME];
  for (let hop = 1; hop <= hops; hop += 1)
    names.push(Buffer.concat([Buffer.from(`\x04hop${hop}`, 'latin1'), QUESTION_NAME]));
  const chain = names.slice(1).map((to, n) => recordOf(names[n], CODES.CNAME, to));
  return [...chain, ...addresses.map((one) => recordOf(names.at(-1), CODES[type], bytesOf(one)))];
}

/** Name, type, class IN, time to live, length, data. */
function recordOf(name, type, data) {
  const fixed = Buffer.alloc(10);
  fixed.writeUInt16BE(type, 0);
  fixed.writeUInt16BE(1, 2);
  fixed.writeUInt32BE(TIME_TO_LIVE, 4);
  fixed.writeUInt16BE(data.length, 8);
  return Buffer.concat([name, fixed, data]);
}

function uint16(number) {
  return Buffer.from([number >> 8, number & 0xff]);
}

function uint32(number) {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(number);
  return bytes;
}

/**
 * The start of authority of `test`: two names (the root), serial, refresh, retry, expire, minimum.
 */
const AUTHORITY = recordOf(
  Buffer.from('\x04test\x00', 'latin1'),
  6,
  Buffer.concat([Buffer.from([0, 0]), ...[1, 3_600, 600, 86_400, TIME_TO_LIVE].map(uint32)]),
);

module.exports = { startNameServer };
