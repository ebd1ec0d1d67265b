/** What a server may send, and what becomes of it: never a broken file, always the documented code. */
import type { LedgerLine } from '../../src/contract/outcome';
import { picture } from '../helpers/images';
import {
  head,
  raw,
  rawThenClose,
  reply,
  startLyingServer,
  type Answer,
  type LyingServer,
} from '../helpers/lying-server';
import { BatchFixture, type Settings } from './batch-fixture';

let server: LyingServer;
let batch: BatchFixture;
let jpeg: Buffer;
let progressive: Buffer;
let png: Buffer;
beforeAll(async () => {
  jpeg = await picture('jpeg');
  progressive = await picture('jpeg', { progressive: true });
  png = await picture('png');
  server = await startLyingServer();
});
beforeEach(() => {
  batch = new BatchFixture(server.port);
});
afterEach(() => batch.dispose());
afterAll(() => server.close());

const ok = (headers: Readonly<Record<string, string>>): string => head('200 OK', headers);

const outcomeOf = (answer: Answer, settings?: Settings): Promise<LedgerLine> =>
  batch.outcomeOf(server, answer, settings);

function expectNothingOnDisk(): void {
  expect(batch.files()).toEqual([]);
  expect(batch.temps()).toEqual([]);
}

describe('a body that is not whole', () => {
  const length = (): string => String(jpeg.length);
  it.each<[string, () => Answer, string]>([
    [
      'shorter than its Content-Length',
      () => rawThenClose(ok({ 'content-length': length() }), jpeg.subarray(0, 500)),
      'truncated',
    ],
    [
      'without a length, cut, and closed politely',
      () => rawThenClose(ok({ connection: 'close' }), jpeg.subarray(0, jpeg.length / 2)),
      'truncated',
    ],
    [
      'without a length, cut, and reset',
      () => (socket) => {
        socket.write(ok({ connection: 'close' }));
        socket.write(jpeg.subarray(0, jpeg.length / 2), () =>
          setTimeout(() => socket.resetAndDestroy(), 50),
        );
      },
      'truncated',
    ],
    [
      'chunked without its last chunk',
      () =>
        rawThenClose(
          ok({ 'transfer-encoding': 'chunked' }),
          `${jpeg.length.toString(16)}\r\n`,
          jpeg,
          '\r\n',
        ),
      'truncated',
    ],
    [
      'a JPEG without its last two bytes, of the right length',
      () => reply('200 OK', {}, jpeg.subarray(0, -2)),
      'truncated',
    ],
    [
      'half a progressive JPEG, of the right length',
      () => reply('200 OK', {}, progressive.subarray(0, progressive.length / 2)),
      'truncated',
    ],
    [
      'a PNG without IEND, of the right length',
      () => reply('200 OK', {}, png.subarray(0, -12)),
      'truncated',
    ],
    ['no byte at all', () => reply('200 OK'), 'empty'],
  ])('%s', async (_what, answer, code) => {
    expect(await outcomeOf(answer())).toMatchObject({ outcome: 'failed', code, path: null });
    expectNothingOnDisk();
  });
});

describe('an answer that is no image', () => {
  const html = Buffer.from('<!doctype html><title>Not found</title>');
  it.each<[string, () => Answer, string]>([
    [
      'HTML with status 200',
      () => reply('200 OK', { 'content-type': 'image/jpeg' }, html),
      'not_an_image',
    ],
    [
      'SVG',
      () => reply('200 OK', {}, Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>')),
      'type_not_allowed',
    ],
    ['PDF', () => reply('200 OK', {}, Buffer.from('%PDF-1.7\n')), 'type_not_allowed'],
    [
      'a PNG with a wrong checksum',
      () => reply('200 OK', {}, flipped(png, png.length - 20)),
      'corrupt',
    ],
    [
      'a JPEG header and noise',
      () =>
        reply(
          '200 OK',
          {},
          Buffer.concat([jpeg.subarray(0, 200), Buffer.alloc(500, 7), Buffer.from([0xff, 0xd9])]),
        ),
      'corrupt',
    ],
    ['206', () => reply('206 Partial Content', {}, jpeg), 'unexpected_status'],
    ['204', () => raw(head('204 No Content', {})), 'unexpected_status'],
    ['304 to a plain request', () => raw(head('304 Not Modified', {})), 'unexpected_status'],
    ['600', () => reply('600 What', {}, jpeg), 'unexpected_status'],
    ['404', () => reply('404 Not Found', {}, jpeg), 'http_404'],
    ['410', () => reply('410 Gone'), 'http_410'],
    ['500', () => reply('500 Oops'), 'http_500'],
    [
      'gzip that nobody asked for',
      () => reply('200 OK', { 'content-encoding': 'gzip' }, jpeg),
      'encoding',
    ],
    ['no HTTP', () => rawThenClose('SSH-2.0-OpenSSH_9.6\r\n'), 'protocol'],
    ['a header without end', () => raw(`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(100_000)}`), 'protocol'],
    ['a hang-up before the answer', () => (socket) => socket.destroy(), 'connect'],
  ])('%s', async (_what, answer, code) => {
    expect(await outcomeOf(answer())).toMatchObject({ outcome: 'failed', code, path: null });
    expectNothingOnDisk();
  });
});

describe('an answer without end', () => {
  it('a drip, a byte at a time: its deadline ends it', async () => {
    const line = await outcomeOf(
      (socket) => {
        socket.write(ok({ 'content-length': String(jpeg.length) }));
        let at = 0;
        const timer = setInterval(() => socket.write(jpeg.subarray(at, (at += 1))), 100);
        socket.once('close', () => {
          clearInterval(timer);
        });
      },
      { ARTEMIS_MAX_SECONDS_PER_FILE: '2' },
    );
    expect(line).toMatchObject({ outcome: 'failed', code: 'timeout', retryable: true });
    expectNothingOnDisk();
  });

  it('silence after the request', async () => {
    const line = await outcomeOf(() => undefined, { ARTEMIS_MAX_SECONDS_PER_FILE: '1' });
    expect(line).toMatchObject({ outcome: 'failed', code: 'timeout', retryable: true });
  });

  it('more bytes than allowed, announced', async () => {
    const line = await outcomeOf(reply('200 OK', {}, jpeg), { ARTEMIS_MAX_BYTES_PER_FILE: '1000' });
    expect(line).toMatchObject({ outcome: 'failed', code: 'too_large', retryable: false });
    expectNothingOnDisk();
  });

  it('more bytes than allowed, not announced: it stops reading', async () => {
    let sent = 0;
    const line = await outcomeOf(
      (socket) => {
        socket.write(ok({ connection: 'close' }));
        const more = (): void => {
          while (!socket.destroyed && socket.write(Buffer.alloc(65_536, 1))) sent += 65_536;
        };
        socket.on('drain', more);
        more();
      },
      { ARTEMIS_MAX_BYTES_PER_FILE: '1000000' },
    );
    expect(line).toMatchObject({ outcome: 'failed', code: 'too_large' });
    expect(sent).toBeLessThan(40_000_000);
    expectNothingOnDisk();
  });
});

function flipped(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy.writeUInt8(copy.readUInt8(at) ^ 0x55, at);
  return copy;
}
