/** A name server for a network of a test's own: answers with the addresses that it is told. */
'use strict';
const dgram = require('node:dgram');
const net = require('node:net');

const TYPES = { 1: 'A', 28: 'AAAA' };

/**
 * `addressesOf(name, type)`: a list; null: the name does not exist. `type` undefined: neither A nor AAAA. Resolves when it listens
 * on port 53 of `address`.
 */
async function startNameServer(address, addressesOf) {
  const socket = dgram.createSocket('udp4');
  socket.on('message', (query, from) =>
    socket.send(replyTo(query, addressesOf), from.port, from.address),
  );
  await new Promise((resolve) => socket.bind(53, address, resolve));
}

function replyTo(query, addressesOf) {
  const labels = [];
  let at = 12;
  for (; query[at] !== 0; at += query[at] + 1)
    labels.push(query.toString('latin1', at + 1, at + 1 + query[at]));
  const type = TYPES[query.readUInt16BE(at + 1)];
  const known = addressesOf(labels.join('.'), type);
  const addresses = known ?? [];
  const header = Buffer.alloc(12);
  query.copy(header, 0, 0, 2);
  header.writeUInt16BE(known === null ? 0x8183 : 0x8180, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(addresses.length, 6);
  const records = addresses.map((address) => recordOf(address, type === 'A' ? 1 : 28));
  return Buffer.concat([header, query.subarray(12, at + 5), ...records]);
}

/** A pointer to the question's name, type, class IN, no time to live, length, address. */
function recordOf(address, type) {
  const data = bytesOf(address);
  return Buffer.concat([Buffer.from([0xc0, 12, 0, type, 0, 1, 0, 0, 0, 0, 0, data.length]), data]);
}

function bytesOf(address) {
  if (net.isIPv4(address)) return Buffer.from(address.split('.').map(Number));
  const [left, right = ''] = address.split('::').map((part) => part.split(':').filter(Boolean));
  const groups = [...left, ...Array(8 - left.length - right.length).fill('0'), ...right];
  return Buffer.from(groups.map((group) => group.padStart(4, '0')).join(''), 'hex');
}

module.exports = { bytesOf, startNameServer };
