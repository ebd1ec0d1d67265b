/**
 * A server that repeats the request reveals no secret, although its text becomes the detail of the
 * image. (N25)
 */
import fs from 'node:fs';
import path from 'node:path';
import { reply, type Answer, type LyingServer } from '../helpers/hosts/lying-server';
import { forEachTest, type BatchFixture } from './batch-fixture';

let server: LyingServer;
let batch: BatchFixture;
forEachTest((scene) => ({ server, batch } = scene));

const HEADERS = {
  'x-key': 'k-4711-0815',
  authorization: `Basic ${Buffer.from('curator:pa55word').toString('base64')}`,
  cookie: 'session=abcdef123; lang=de',
};

/** Repeats the head of the request, and the password that it contains. */
const echo =
  (status: string): Answer =>
  (socket, request) => {
    const text = `not allowed: ${request.head} and curator and pa55word`;
    reply(status, { 'content-type': 'text/plain' }, Buffer.from(text))(socket, request);
  };

async function detailOf(answer: Answer): Promise<string> {
  const file = path.join(batch.root, 'headers.json');
  fs.writeFileSync(file, JSON.stringify({ [`127.0.0.1:${server.port}`]: HEADERS }));
  const { detail } = await batch.outcomeOf(server, answer, { ARTEMIS_HTTP_HEADERS_FILE: file });
  return detail ?? '';
}

it.each(['403 Forbidden', '500 Broken', '206 Partial Content', '200 OK'])(
  'no value of a configured header is in the detail of %s',
  async (status) => {
    const detail = await detailOf(echo(status));
    expect(detail).toContain('not allowed: GET /image');
    const values = [
      ...['k-4711-0815', 'curator', 'pa55word', 'abcdef123', HEADERS.authorization.slice(6)],
    ];
    expect(values.filter((value) => detail.includes(value))).toEqual([]);
  },
);

it('a value that is cut at the end of what is read leaves no part of it', async () => {
  // 4,096 bytes are read, and the markup at their beginning is not shown.
  const text = `<style>${'x'.repeat(4_071)}</style> k-4711-0815`;
  const detail = await detailOf(reply('403 Forbidden', {}, Buffer.from(text)));
  expect(detail).toMatch(/^status 403(: …)?$/);
});

it('a cookie that a redirect set is not in the detail', async () => {
  server.answer('/next', echo('403 Forbidden'));
  const setCookie = { 'set-cookie': 'visid=v-123456; Path=/', location: '/next' };
  const detail = await detailOf(reply('302 Found', setCookie));
  expect(server.requests.at(-1)?.head).toContain('visid=v-123456');
  expect(detail).toContain('not allowed');
  expect(detail).not.toContain('v-123456');
});
