/** What is stored: the bytes as they were sent, and what the ledger records about them. */
import fs from 'node:fs';
import path from 'node:path';
import type { LedgerLine } from '../../src/contract/outcome';
import { picture } from '../helpers/images/images';
import {
  head,
  reply,
  rawThenClose,
  startLyingServer,
  type Answer,
  type LyingServer,
} from '../helpers/hosts/lying-server';
import { BatchFixture, type Settings } from './batch-fixture';

let server: LyingServer;
let batch: BatchFixture;
let jpeg: Buffer;
beforeAll(async () => {
  jpeg = await picture('jpeg');
  server = await startLyingServer();
});
beforeEach(() => {
  batch = new BatchFixture(server.port);
});
afterEach(() => batch.dispose());
afterAll(() => server.close());

const outcomeOf = (answer: Answer, settings?: Settings): Promise<LedgerLine> =>
  batch.outcomeOf(server, answer, settings);

describe('a whole image', () => {
  it.each(['jpeg', 'png', 'gif', 'webp', 'tiff', 'avif'] as const)(
    '%s is stored as it was sent',
    async (format) => {
      const body = await picture(format, { seed: 7 });
      const line = await outcomeOf(reply('200 OK', { etag: '"e"' }, body));
      expect(line).toMatchObject({
        outcome: 'stored',
        code: null,
        format,
        width: 48,
        height: 48,
        bytes: body.length,
        verdict: 'valid',
        status: 200,
        etag: '"e"',
        requests: 1,
      });
      const [file] = batch.files();
      expect(line.path).toBe(file);
      expect(fs.readFileSync(path.join(batch.root, file ?? ''))).toEqual(body);
      expect(batch.temps()).toEqual([]);
    },
  );

  it('without a Content-Length is recognized as whole by decoding it', async () => {
    expect(
      await outcomeOf(rawThenClose(head('200 OK', { connection: 'close' }), jpeg)),
    ).toMatchObject({
      outcome: 'stored',
      verdict: 'valid',
    });
  });

  it('with more pixels than allowed is refused', async () => {
    const line = await outcomeOf(reply('200 OK', {}, jpeg), { ARTEMIS_MAX_PIXELS: '2000' });
    expect(line).toMatchObject({ outcome: 'failed', code: 'too_many_pixels' });
    expect(batch.files()).toEqual([]);
  });

  it('with bytes behind its end is stored as it was sent, with a remark', async () => {
    const line = await outcomeOf(reply('200 OK', {}, Buffer.concat([jpeg, Buffer.from('more')])));
    expect(line).toMatchObject({ outcome: 'stored', detail: 'trailing_bytes' });
  });
});
