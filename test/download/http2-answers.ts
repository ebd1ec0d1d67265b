/** Answers of a host that speaks only HTTP/2, and what becomes of the image. */
import http2 from 'node:http2';
import { gzipSync } from 'node:zlib';

/** `before` is the number of earlier requests for the path. */
type Respond = (stream: http2.ServerHttp2Stream, jpeg: Buffer, before: number) => void;

const OK = { ':status': 200, 'content-type': 'image/jpeg' };

/**
 * Sends trailers some time after the body, because undici loses bytes that arrive together with
 * them. A busy client may still receive them together, and then requests the image again.
 */
function endWithTrailers(
  stream: http2.ServerHttp2Stream,
  head: http2.OutgoingHttpHeaders,
  body: Buffer,
): void {
  stream.respond(head, { waitForTrailers: true });
  stream.on('wantTrailers', () => {
    setTimeout(() => {
      stream.sendTrailers({ 'x-checksum': '1' });
    }, 200);
  });
  stream.end(body);
}

/** The answer for each path, and the expected outcome of the image. */
export const HTTP2_ANSWERS: Readonly<Record<string, readonly [Respond, object]>> = {
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
  '/trailers': [
    (stream, jpeg) => {
      endWithTrailers(stream, { ...OK, 'content-length': jpeg.length }, jpeg);
    },
    { outcome: 'stored', verdict: 'valid' },
  ],
  '/trailers-without-a-length': [
    (stream, jpeg) => {
      endWithTrailers(stream, OK, jpeg);
    },
    { outcome: 'stored', verdict: 'valid' },
  ],
  '/trailers-of-a-gzip': [
    (stream, jpeg) => {
      endWithTrailers(stream, { ...OK, 'content-encoding': 'gzip' }, gzipSync(jpeg));
    },
    { outcome: 'stored', verdict: 'valid' },
  ],
  '/refused': [
    (stream) => {
      stream.close(http2.constants.NGHTTP2_REFUSED_STREAM);
    },
    { code: 'connect', retryable: true, requests: 3 },
  ],
  '/cancelled': [
    (stream) => {
      stream.close(http2.constants.NGHTTP2_CANCEL);
    },
    { code: 'connect', retryable: true, requests: 3 },
  ],
  '/cancelled-in-the-body': [
    (stream, jpeg) => {
      stream.respond(OK);
      stream.write(jpeg.subarray(0, 500), () => {
        stream.close(http2.constants.NGHTTP2_CANCEL);
      });
    },
    { code: 'truncated', retryable: true, requests: 3 },
  ],
  '/closed-without-an-error': [
    (stream) => {
      stream.close(http2.constants.NGHTTP2_NO_ERROR);
    },
    { code: 'connect', retryable: true, requests: 3 },
  ],
  '/wants-http-1.1': [
    (stream) => {
      stream.close(http2.constants.NGHTTP2_HTTP_1_1_REQUIRED);
    },
    { code: 'connect', retryable: true, requests: 3 },
  ],
  '/goaway-before-an-answer': [
    (stream) => {
      stream.session?.goaway(http2.constants.NGHTTP2_ENHANCE_YOUR_CALM);
    },
    { code: 'connect', retryable: true },
  ],
  '/goaway-once': [
    (stream, jpeg, before) => {
      stream.respond({ ...OK, 'content-length': jpeg.length });
      if (before === 0) stream.session?.goaway(http2.constants.NGHTTP2_NO_ERROR);
      stream.end(jpeg);
    },
    { outcome: 'stored', verdict: 'valid', requests: 1 },
  ],
  '/early-hints': [
    (stream, jpeg) => {
      stream.additionalHeaders({ ':status': 103, link: '</a.css>; rel=preload' });
      stream.respond({ ...OK, 'content-length': jpeg.length });
      stream.end(jpeg);
    },
    { outcome: 'stored', verdict: 'valid', requests: 1 },
  ],
  '/longer-than-its-length': [
    (stream, jpeg) => {
      stream.respond({ ...OK, 'content-length': 500 });
      stream.end(jpeg);
    },
    { code: 'truncated', retryable: true, requests: 3 },
  ],
  '/202': [
    (stream) => {
      stream.respond({ ':status': 202 });
      stream.end();
    },
    { code: 'unexpected_status', retryable: true, requests: 3 },
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
