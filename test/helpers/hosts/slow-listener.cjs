/**
 * A host that is slow to connect. It listens with a short queue and then does nothing for a while,
 * so the kernel drops connection requests until it continues. Its arguments are the address, the
 * port and the time in ms, or `Infinity`.
 */
'use strict';
const net = require('node:net');

const [address, port, ms] = process.argv.slice(2);
const server = net.createServer((socket) => socket.on('error', () => undefined));
server.listen({ host: address, port: Number(port), backlog: 1 }, () => {
  process.send('listening', () => {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Number(ms));
  });
});
process.once('disconnect', () => process.exit(0));
