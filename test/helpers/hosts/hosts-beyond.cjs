/**
 * Hosts and their name server at the far end of a cable (own-network.ts). Each answers every path
 * with one image after a short delay.
 */
'use strict';
const http = require('node:http');
const { startNameServer } = require('./name-server.cjs');

// The process that created this network has ended.
process.once('disconnect', () => process.exit(0));
process.once('message', async ({ nameServer, hosts, image, answersAfterMs }) => {
  const body = Buffer.from(image, 'base64');
  await startNameServer(nameServer, (name, type) => {
    if (hosts[name] === undefined) return null;
    return type === 'A' ? [hosts[name]] : [];
  });
  const server = http.createServer(({ headers, url }, response) => {
    process.send({ url: `http://${headers.host}${url}` });
    setTimeout(() => response.end(body), answersAfterMs);
  });
  server.listen(80, '0.0.0.0', () => process.send({ isListening: true }));
});
