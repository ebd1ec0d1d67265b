/**
 * A host of HTTP/2 that announces the end of each connection (GOAWAY), as servers do after a number
 * of requests. No image loses an attempt by it, and no request is sent twice.
 */
import fs from 'node:fs';
import http2 from 'node:http2';
import os from 'node:os';
import path from 'node:path';
import { createAuthority, type Authority, type Pair } from '../helpers/cluster/certificates';
import { startHttp2Server } from '../helpers/hosts/http2-server';
import { picture } from '../helpers/images/images';
import { runBatchBehind } from './batch-behind';
import { BatchFixture, entryOf } from './batch-fixture';

const IMAGES = 24;

let folder: string;
let jpeg: Buffer;
let authority: Authority;
let certificate: Pair;
let batch: BatchFixture;
beforeAll(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'artemis-goaway-'));
  jpeg = await picture('jpeg');
  authority = createAuthority(folder, 'ca');
  certificate = authority.issue('good', { names: 'IP:127.0.0.1' });
});
afterAll(() => {
  fs.rmSync(folder, { recursive: true });
});
beforeEach(() => {
  batch = new BatchFixture(0);
});
afterEach(async () => {
  await batch.dispose();
});

type Respond = (stream: http2.ServerHttp2Stream) => void;

/** Each image has one attempt. */
async function download(
  respond: Respond,
): Promise<{ readonly requests: number; readonly connections: number }> {
  let requests = 0;
  const server = await startHttp2Server(certificate, (stream) => {
    requests += 1;
    respond(stream);
  });
  const host = `127.0.0.1:${server.port}`;
  batch.plan([...Array(IMAGES).keys()].map((nth) => entryOf(`https://${host}/${nth}`)));
  await batch.run({
    settings: { ARTEMIS_ALLOW_PRIVATE_HOSTS: host, ARTEMIS_MAX_ATTEMPTS: '1' },
    input: { budgets: { default: { connections: 2, requestsPerSecond: 500 } } },
    work: (options) => runBatchBehind(['env', `NODE_EXTRA_CA_CERTS=${authority.cert}`], options),
  });
  server.close();
  return { requests, connections: server.sessions.length };
}

function answer(stream: http2.ServerHttp2Stream): void {
  stream.respond({ ':status': 200, 'content-length': jpeg.length });
  stream.end(jpeg);
}

const streams = new WeakMap<http2.Http2Session, number>();

/** Calls `last` for each request after which its connection ends. */
const endsAfter =
  (count: number, last: Respond): Respond =>
  (stream) => {
    const { session } = stream;
    if (session === undefined) return;
    const nth = (streams.get(session) ?? 0) + 1;
    streams.set(session, nth);
    (nth === count ? last : answer)(stream);
  };

/** As nginx does: the announcement comes before the answer. */
const announcesFirst: Respond = (stream) => {
  stream.session?.close();
  setTimeout(answer, 20, stream);
};

const announcesInTheBody: Respond = (stream) => {
  stream.respond({ ':status': 200, 'content-length': jpeg.length });
  stream.write(jpeg.subarray(0, 500), () => {
    stream.session?.close();
    setTimeout(() => stream.end(jpeg.subarray(500)), 20);
  });
};

/** As proxies do that stop: all streams are still allowed at first. */
const announcesTwice: Respond = (stream) => {
  stream.session?.goaway(http2.constants.NGHTTP2_NO_ERROR, 2 ** 31 - 1);
  announcesFirst(stream);
};

it.each<[string, number, Respond]>([
  ['before the answer to each tenth request', 10, announcesFirst],
  ['before each answer', 1, announcesFirst],
  ['in the body of each answer', 1, announcesInTheBody],
  ['in the body of each third answer', 3, announcesInTheBody],
  ['twice, before each fourth answer', 4, announcesTwice],
])('a connection that ends %s costs no image its attempt', async (_when, count, last) => {
  const { requests, connections } = await download(endsAfter(count, last));
  expect(batch.lines().filter(({ outcome }) => outcome !== 'stored')).toEqual([]);
  expect(batch.lines()).toHaveLength(IMAGES);
  expect(requests).toBe(IMAGES);
  expect(connections).toBeGreaterThanOrEqual(Math.floor(IMAGES / count));
});

it('a request that the host no longer answers is sent again at once', async () => {
  const { requests } = await download(
    endsAfter(10, (stream) => {
      const { session } = stream;
      session?.goaway(http2.constants.NGHTTP2_NO_ERROR, 1);
      session?.destroy();
    }),
  );
  expect(batch.lines().filter(({ outcome }) => outcome !== 'stored')).toEqual([]);
  expect(batch.lines()).toHaveLength(IMAGES);
  expect(requests).toBeGreaterThan(IMAGES);
});
