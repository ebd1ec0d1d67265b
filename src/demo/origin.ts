/**
 * The demo's origin: an HTTP server on loopback that draws thumbnails, and answers some requests
 * with faults.
 */
import { createHash } from 'node:crypto';
import http from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { drawThumbnail, type Artwork } from './draw-thumbnail';
import { misbehaviourOf } from './misbehaviour';

/** The waits of the faults, in the units of their names. */
const RETRY_AFTER_SECONDS = 1;
const SLOW_MS = 1_500;

export interface OriginOptions {
  /** The artwork of an id; null when there is none. */
  readonly find: (id: string) => Artwork | null;
  /** Called for every request with its path. */
  readonly onRequest: (path: string) => void;
  /** Draws the image of an artwork. By default it is drawn for each request. */
  readonly draw?: Draw;
}

type Draw = (artwork: Artwork) => Promise<Buffer>;

/** A server for `/thumbs/<id>.jpg`. The caller listens and closes. */
export function createOrigin({
  find,
  onRequest,
  draw = drawThumbnail,
}: OriginOptions): http.Server {
  const askedBefore = new Set<string>();
  return http.createServer((request, response) => {
    const path = request.url ?? '';
    onRequest(path);
    const id = decodeURIComponent(/^\/thumbs\/([^/]+)\.jpg$/.exec(path)?.[1] ?? '');
    const artwork = find(id);
    const isFirst = !askedBefore.has(id);
    askedBefore.add(id);
    const answer =
      artwork === null
        ? sendNotFound(response)
        : answerFor(artwork, isFirst, { request, response, draw });
    answer.catch(() => response.destroy());
  });
}

interface Exchange {
  readonly request: http.IncomingMessage;
  readonly response: http.ServerResponse;
  readonly draw: Draw;
}

async function answerFor(artwork: Artwork, isFirst: boolean, exchange: Exchange): Promise<void> {
  const { response } = exchange;
  switch (misbehaviourOf(artwork.id)) {
    case 'not_found':
      return sendNotFound(response);
    case 'unavailable_once':
      return isFirst ? sendUnavailable(response) : sendImage(artwork, exchange);
    case 'busy_once':
      return isFirst ? sendBusy(response) : sendImage(artwork, exchange);
    case 'cut_once':
      return isFirst ? sendHalf(artwork, exchange) : sendImage(artwork, exchange);
    case 'html':
      return sendHtml(response);
    case 'slow':
      await delay(SLOW_MS);
      return sendImage(artwork, exchange);
    case 'none':
      return sendImage(artwork, exchange);
  }
}

async function sendImage(artwork: Artwork, exchange: Exchange): Promise<void> {
  const { request, response } = exchange;
  const bytes = await exchange.draw(artwork);
  const etag = `"${createHash('sha256').update(bytes).digest('hex').slice(0, 16)}"`;
  if (request.headers['if-none-match'] === etag) {
    response.writeHead(304, { etag }).end();
    return;
  }
  const headers = { 'content-type': 'image/jpeg', 'content-length': bytes.length, etag };
  response.writeHead(200, headers).end(bytes);
}

/** Promises the whole image and closes the connection in the middle. */
async function sendHalf(artwork: Artwork, { response, draw }: Exchange): Promise<void> {
  const bytes = await draw(artwork);
  response.writeHead(200, { 'content-type': 'image/jpeg', 'content-length': bytes.length });
  response.write(bytes.subarray(0, bytes.length / 2), () => response.socket?.end());
}

function sendHtml(response: http.ServerResponse): Promise<void> {
  const page = '<!doctype html><title>Sorry</title><p>This image is not available at the moment.';
  response.writeHead(200, { 'content-type': 'text/html' }).end(page);
  return Promise.resolve();
}

function sendNotFound(response: http.ServerResponse): Promise<void> {
  response.writeHead(404, { 'content-type': 'text/plain' }).end('not found\n');
  return Promise.resolve();
}

function sendUnavailable(response: http.ServerResponse): Promise<void> {
  response.writeHead(503, { 'content-type': 'text/plain' }).end('try again\n');
  return Promise.resolve();
}

function sendBusy(response: http.ServerResponse): Promise<void> {
  response
    .writeHead(429, { 'retry-after': String(RETRY_AFTER_SECONDS) })
    .end('too many requests\n');
  return Promise.resolve();
}
