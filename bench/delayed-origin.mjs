/**
 * Serves eight different JPEGs, chosen by the number in the path, after the time in ms that is its
 * argument. When its parent asks, it reports when the last request arrived.
 */
import http from 'node:http';
import sharp from 'sharp';

const latency = Number(process.argv[2]);
const images = await Promise.all(
  Array.from({ length: 8 }, (_, n) => {
    const noise = { type: 'gaussian', mean: 100 + n * 10, sigma: 12 };
    const create = { width: 120, height: 90, channels: 3, background: '#888', noise };
    return sharp({ create }).jpeg({ quality: 80 }).toBuffer();
  }),
);

let lastRequestAt = 0;
const server = http.createServer((request, response) => {
  lastRequestAt = Date.now();
  const body = images[Number(/\d+/.exec(request.url ?? '')?.[0] ?? 0) % images.length];
  setTimeout(() => {
    response.writeHead(200, { 'content-type': 'image/jpeg', 'content-length': body.length });
    response.end(body);
  }, latency);
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
process.on('message', () => process.send({ lastRequestAt }));
process.once('disconnect', () => process.exit());
