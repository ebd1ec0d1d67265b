/**
 * The web origin of a long-tail world: raw sockets and as little parsing as will do, because it
 * shares the cores with its client.
 */
'use strict';
const { createHash } = require('node:crypto');
const net = require('node:net');
const sharp = require('sharp');
const { KINDS } = require('./hosts.cjs');

const ANSWER_MS = 50;
const BASE_IMAGES = 64;
const BACKLOG = 4_096;

const PORTAL = 'portal.test';
const PORTAL_PAGE = Buffer.from(
  '<!doctype html><title>Welcome</title><p>Please accept our terms of use.\n',
);

/** Noise compresses to some kilobytes, as thumbnails do. */
function makeImages() {
  return Promise.all(
    Array.from({ length: BASE_IMAGES }, (_none, n) => {
      const noise = { type: 'gaussian', mean: 60 + n * 2, sigma: 30 };
      const create = { width: 96, height: 96, channels: 3, background: '#888', noise };
      return sharp({ create }).jpeg({ quality: 70 }).toBuffer();
    }),
  );
}

/**
 * Serves every host of `hosts`, a map by name whose values have `kind`, `code`, `A` and `seen`
 * (world.cjs).
 */
class Origin {
  /**
   * null, `page` (each host answers one HTML page) or `redirect` (each host sends to a login page).
   */
  portal = null;

  /** Milliseconds since the epoch; null before the first one. */
  lastObtainableAt = null;

  /** Requests for images that were answered with one. */
  obtainableCount = 0;

  /** Sockets and listener by address, of hosts that close their port for a while. */
  #doors = new Map();

  constructor({ hosts, images, gapSeconds, secondsAlive, onRequest, control }) {
    Object.assign(this, { hosts, images, gapSeconds, secondsAlive, onRequest, control });
  }

  static async start(options) {
    const origin = new Origin({ ...options, images: await makeImages() });
    const live = [...options.hosts.values()].filter(({ kind }) => KINDS[kind].v4 === 'live');
    const addresses = new Set(['127.0.0.1', ...live.flatMap(({ A }) => A)]);
    await Promise.all([...addresses].map((address) => origin.#open(address)));
    await listen(
      net.createServer((socket) => origin.#serve(socket)),
      { host: '::', ipv6Only: true },
    );
    return origin;
  }

  async #open(address) {
    const sockets = new Set();
    const server = net.createServer((socket) => {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
      this.#serve(socket);
    });
    this.#doors.set(address, { server, sockets });
    await listen(server, { host: address });
  }

  #close(address) {
    const { server, sockets } = this.#doors.get(address);
    server.close();
    for (const socket of sockets) socket.destroy();
  }

  #serve(socket) {
    const connection = { isCounted: false };
    let text = '';
    socket.setNoDelay(true);
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      for (let end = text.indexOf('\r\n\r\n'); end !== -1; end = text.indexOf('\r\n\r\n')) {
        const head = text.slice(0, end + 2);
        text = text.slice(end + 4);
        this.#answer(socket, connection, head);
      }
    });
  }

  #answer(socket, connection, head) {
    const path = head.slice(head.indexOf(' ') + 1, head.indexOf(' ', head.indexOf(' ') + 1));
    const name = /\r\nhost: *([^\r:]+)/i.exec(head)?.[1].toLowerCase() ?? '';
    if (path.startsWith('/__')) {
      send(socket, '200 OK', 'application/json', Buffer.from(JSON.stringify(this.control(path))));
      return;
    }
    const host = this.hosts.get(name);
    if (host !== undefined) {
      if (!connection.isCounted) host.seen.connections += 1;
      connection.isCounted = true;
      this.onRequest(host);
    }
    if (this.portal !== null || name === PORTAL) this.#answerAsPortal(socket, name);
    else if (host === undefined) send(socket, '404 Not Found', 'text/plain', Buffer.alloc(0));
    else this.#answerAs(host, socket, path);
  }

  #answerAsPortal(socket, name) {
    if (this.portal === 'redirect' && name !== PORTAL)
      send(socket, `302 Found\r\nLocation: http://${PORTAL}/login`, 'text/html', Buffer.alloc(0));
    else send(socket, '200 OK', 'text/html', PORTAL_PAGE);
  }

  #answerAs(host, socket, path) {
    const { ending, status, delayMs = ANSWER_MS, gap } = KINDS[host.kind];
    if (ending === 'none' || host.isSilent === true) return;
    setTimeout(() => {
      if (socket.destroyed || host.isSilent === true) return;
      if (ending === 'close') socket.destroy();
      else if (status !== undefined) send(socket, status, 'text/plain', Buffer.from('Sorry.\n'));
      else {
        this.#sendImage(socket, host, path);
        if (gap !== undefined) this.#planGap(host, gap);
      }
    }, delayMs);
  }

  /**
   * Each URL has a different file: one of the base images with a comment that holds the URL's hash.
   */
  #sendImage(socket, { name }, path) {
    const hash = createHash('sha256').update(name).update(path).digest();
    const image = this.images[hash[0] % this.images.length];
    const comment = Buffer.from(`\xff\xfe\x00\x42${hash.toString('hex')}`, 'latin1');
    const body = Buffer.concat([image.subarray(0, 2), comment, image.subarray(2)]);
    send(socket, '200 OK', 'image/jpeg', body);
    this.lastObtainableAt = Date.now();
    this.obtainableCount += 1;
  }

  /** The gap begins with the host's first answer, or at its first second, whichever is later. */
  #planGap(host, gap) {
    if (host.hasGap === true) return;
    host.hasGap = true;
    const [begin, end] = this.gapSeconds.map((second) => (second - this.secondsAlive()) * 1_000);
    if (end <= 0) return;
    const [address] = host.A;
    setTimeout(
      () => {
        if (gap === 'silent') host.isSilent = true;
        else this.#close(address);
      },
      Math.max(0, begin),
    );
    setTimeout(() => {
      if (gap === 'silent') host.isSilent = false;
      else void this.#open(address);
    }, end);
  }
}

function listen(server, options) {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port: 80, backlog: BACKLOG, ...options }, resolve);
  });
}

function send(socket, status, type, body) {
  const head = `HTTP/1.1 ${status}\r\nContent-Type: ${type}\r\nContent-Length: ${body.length}\r\n\r\n`;
  socket.write(Buffer.concat([Buffer.from(head, 'latin1'), body]));
}

module.exports = { Origin };
