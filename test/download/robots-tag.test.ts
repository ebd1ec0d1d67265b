/** X-Robots-Tag, for a worker that honours it. */
import { forbiddingRule } from '../../src/http/robots-tag';
import { picture } from '../helpers/images/images';
import { raw, head, reply, type LyingServer } from '../helpers/hosts/lying-server';
import { entryOf, forEachTest, type BatchFixture } from './batch-fixture';

let server: LyingServer;
let batch: BatchFixture;
let jpeg: Buffer;
beforeAll(async () => {
  jpeg = await picture('jpeg');
});
forEachTest((scene) => ({ server, batch } = scene));

it.each([
  ['noai', 'noai'],
  ['nofollow, noimageai', 'noimageai'],
  ['NoIndex', 'noindex'],
  ['none', 'none'],
  ['nofollow', null],
  ['googlebot: noindex', null],
  ['googlebot: nofollow, noindex', null],
  ['googlebot: noindex, artemis-pipeline: noai', 'noai'],
  ['artemis-pipeline: noimageindex', 'noimageindex'],
  ['*: noai', 'noai'],
  ['unavailable_after: 25 Jun 2030 15:00:00 PST, noai', 'noai'],
  ['max-image-preview: large', null],
])('X-Robots-Tag "%s" forbids by the rule %s', (value, rule) => {
  expect(forbiddingRule(value, 'artemis-pipeline/1.0 (+mailto:a@b.example)')).toBe(rule);
});

it('X-Robots-Tag is obeyed when the worker honours it, and the body is not read', async () => {
  // The body never arrives, so waiting for it would not end.
  const answer = raw(head('200 OK', { 'x-robots-tag': 'noai', 'content-length': '5000' }));
  const settings = { ARTEMIS_HONOR_ROBOTS_TAG: 'true', ARTEMIS_MAX_SECONDS_PER_FILE: '5' };
  const line = await batch.outcomeOf(server, answer, settings);
  expect(line).toMatchObject({ outcome: 'failed', code: 'robots_tag', retryable: false });
  expect(batch.temps()).toEqual([]);
});

it('X-Robots-Tag is ignored by default', async () => {
  const line = await batch.outcomeOf(server, reply('200 OK', { 'x-robots-tag': 'noai' }, jpeg));
  expect(line.outcome).toBe('stored');
});

it('X-Robots-Tag counts on the answer with the image, and not on a redirect to it', async () => {
  const settings = { ARTEMIS_HONOR_ROBOTS_TAG: 'true' };
  const here = `http://127.0.0.1:${server.port}`;
  const noai = { 'x-robots-tag': 'noai' };
  server.answer('/from', reply('302 Found', { location: `${here}/to`, ...noai }));
  server.answer('/to', reply('200 OK', {}, jpeg));
  server.answer('/plain', reply('302 Found', { location: `${here}/tagged` }));
  server.answer('/tagged', reply('200 OK', noai, jpeg));
  batch.plan([entryOf(`${here}/from`), entryOf(`${here}/plain`)]);
  await batch.run({ settings });
  const codes = Object.fromEntries(batch.lines().map(({ id, code }) => [id, code]));
  expect(codes).toEqual({ '/from': null, '/plain': 'robots_tag' });
});
