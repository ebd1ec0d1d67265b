/**
 * Serves eight different JPEGs, chosen by the number in the path, after the time in ms that is its
 * first argument. The second one is the number of bytes in a comment of each JPEG, which makes them
 * large; default: 0. When its parent asks, it reports when the last request arrived.
 */
import http from 'node:http';
import sharp from 'sharp';

const [latency, comment] = process.argv.slice(2).map(Number);
const images = await Promise.all(
  Array.from({ length: 8 }, async (_, n) => {
    const noise = { type: 'gaussian', mean: 100 + n * 10, sigma: 12 };
    const create = { width: 120, height: 90, channels: 3, background: '#888', noise };
    return withComment(await sharp({ create }).jpeg({ quality: 80 }).toBuffer(), comment ?? 0);
  }),
);

/** Puts segments of the kind COM, of at most 65,533 bytes each, behind the mark that begins a JPEG. */
function withComment(jpeg, bytes) {
  const segments = [];
  for (let left = bytes; left > 0; left -= 65_533) {
    const text = Buffer.alloc(Math.min(left, 65_533), 'x');
    const head = Buffer.from([0xff, 0xfe, 0, 0]);
    head.writeUInt16BE(text.length + 2, 2);
    segments.push(head, text);
  }
  return Buffer.concat([jpeg.subarray(0, 2), ...segments, jpeg.subarray(2)]);
}

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
