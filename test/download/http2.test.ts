/**
 * A host that speaks only HTTP/2 is subject to the same checks of bodies and the same limits as one
 * that speaks HTTP/1.1.
 */
import fs from 'node:fs';
import http2 from 'node:http2';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import type { LedgerLine } from '../../src/contract/outcome';
import { createAuthority } from '../helpers/cluster/certificates';
import { picture } from '../helpers/images/images';
import { reply, startLyingServer, type LyingServer } from '../helpers/hosts/lying-server';
import { runBatchBehind } from './batch-behind';
import { BatchFixture, entryOf } from './batch-fixture';

type Respond = (stream: http2.ServerHttp2Stream, jpeg: Buffer) => void;

const OK = { ':status': 200, 'content-type': 'image/jpeg' };

/** The answer for each path, and the expected outcome of the image. */
const CASES: Readonly<Record<string, readonly [Respond, object]>> = {
  '/whole': [
    (stream, jpeg) => {
      stream.respond({ ...OK, 'content-length': jpeg.length });
      stream.end(jpeg);
    },
    { outcome: 'stored', verdict: 'valid', requests: 1 },
  ],
  '/no-length': [
    (stream, jpeg) => {
      stream.respond(OK);
      stream.end(jpeg);
    },
    { outcome: 'stored', verdict: 'valid', requests: 1 },
  ],
  '/short': [
    (stream, jpeg) => {
      stream.respond({ ...OK, 'content-length': jpeg.length });
      stream.end(jpeg.subarray(0, 500));
    },
    { code: 'truncated', retryable: true, requests: 3 },
  ],
  '/gzip-that-is-cut': [
    (stream, jpeg) => {
      const coded = gzipSync(jpeg);
      const head = { 'content-encoding': 'gzip', 'content-length': coded.length };
      stream.respond({ ...OK, ...head });
      stream.end(coded.subarray(0, 500));
    },
    { code: 'truncated', retryable: true, requests: 3 },
  ],
  '/reset-in-the-body': [
    (stream, jpeg) => {
      stream.respond({ ...OK, 'content-length': jpeg.length });
      stream.write(jpeg.subarray(0, 500), () => {
        stream.close(http2.constants.NGHTTP2_INTERNAL_ERROR);
      });
    },
    { code: 'truncated', retryable: true, requests: 3 },
  ],
  '/reset-before-an-answer': [
    (stream) => {
      stream.close(http2.constants.NGHTTP2_INTERNAL_ERROR);
    },
    { code: 'connect', retryable: true, requests: 3 },
  ],
  '/goaway-in-the-body': [
    (stream, jpeg) => {
      stream.respond({ ...OK, 'content-length': jpeg.length });
      stream.write(jpeg.subarray(0, 500), () => {
        stream.session?.destroy(undefined, http2.constants.NGHTTP2_INTERNAL_ERROR);
      });
    },
    { code: 'truncated', retryable: true, requests: 3 },
  ],
  '/too-large-by-its-length': [
    (stream) => {
      stream.respond({ ...OK, 'content-length': 999_999_999 });
      stream.end();
    },
    { code: 'too_large', retryable: false, requests: 1 },
  ],
  '/too-large-by-its-bytes': [
    (stream) => {
      stream.respond(OK);
      stream.end(Buffer.alloc(300_000, 1));
    },
    { code: 'too_large', retryable: false, requests: 1 },
  ],
  '/silent': [() => undefined, { code: 'timeout', retryable: true, requests: 3 }],
  '/status': [
    (stream) => {
      stream.respond({ ':status': 404 });
      stream.end('not here');
    },
    { code: 'http_404', retryable: false, requests: 1 },
  ],
};

let folder: string;
let batch: BatchFixture;
let both: LyingServer;
let server: http2.Http2SecureServer;
const sessions = new Set<http2.ServerHttp2Session>();
const requests: string[] = [];
const lines = new Map<string, LedgerLine>();
beforeAll(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'artemis-http2-'));
  const jpeg = await picture('jpeg');
  const authority = createAuthority(folder, 'ca');
  const certificate = authority.issue('good', { names: 'IP:127.0.0.1' });
  const [cert, key] = [certificate.cert, certificate.key].map((file) => fs.readFileSync(file));
  server = http2.createSecureServer({ cert: cert ?? '', key: key ?? '', ALPNProtocols: ['h2'] });
  server.on('session', (session) => sessions.add(session.on('error', () => undefined)));
  server.on('stream', (stream, headers) => {
    stream.on('error', () => undefined);
    requests.push(String(headers[':path']));
    CASES[String(headers[':path'])]?.[0](stream, jpeg);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  both = await startLyingServer({ certificate, tls: { ALPNProtocols: ['h2', 'http/1.1'] } });
  both.answer('/both', reply('200 OK', {}, jpeg));
  const { port } = server.address() as AddressInfo;
  batch = new BatchFixture(0);
  const origin = `https://127.0.0.1:${port}`;
  batch.plan([
    ...Object.keys(CASES).map((at) => entryOf(`${origin}${at}`)),
    entryOf(`https://127.0.0.1:${both.port}/both`),
  ]);
  await batch.run({
    settings: {
      ARTEMIS_ALLOW_PRIVATE_HOSTS: `127.0.0.1:${port},127.0.0.1:${both.port}`,
      ARTEMIS_MAX_SECONDS_PER_FILE: '2',
      ARTEMIS_MAX_BYTES_PER_FILE: '200000',
    },
    input: { budgets: { default: { connections: 2, requestsPerSecond: 100 } } },
    work: (options) => runBatchBehind(['env', `NODE_EXTRA_CA_CERTS=${authority.cert}`], options),
  });
  for (const line of batch.lines()) lines.set(line.id, line);
});
afterAll(async () => {
  for (const session of sessions) session.destroy();
  server.close();
  await both.close();
  await batch.dispose();
  fs.rmSync(folder, { recursive: true });
});

it.each(Object.entries(CASES).map(([at, [, expected]]) => [at, expected] as const))(
  'over HTTP/2, %s has the expected outcome',
  (at, expected) => {
    expect(lines.get(at)).toMatchObject(expected);
    expect(requests.filter((asked) => asked === at)).toHaveLength(lines.get(at)?.requests ?? -1);
  },
);

it('a host that speaks both versions receives requests over HTTP/1.1', () => {
  expect(lines.get('/both')).toMatchObject({ outcome: 'stored', requests: 1 });
  expect(both.requests[0]?.head).toContain('GET /both HTTP/1.1');
});
