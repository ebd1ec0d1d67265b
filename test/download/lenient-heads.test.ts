/** A host whose heads undici refuses: its images cost one request each once that is known. */
import { raw, type LyingServer } from '../helpers/hosts/lying-server';
import { picture } from '../helpers/images/images';
import { entryOf, forEachTest, type BatchFixture } from './batch-fixture';

let server: LyingServer;
let batch: BatchFixture;
forEachTest((scene) => ({ server, batch } = scene));

it('a host whose heads the parser refuses is asked twice for three images, and once for each further one', async () => {
  const jpeg = await picture('jpeg');
  const head = `HTTP/1.1 200 OK\r\nx: a\r\n b\r\ncontent-length: ${jpeg.length}\r\n\r\n`;
  const paths = Array.from({ length: 8 }, (_none, nth) => `/${nth}`);
  for (const path of paths) server.answer(path, raw(head, jpeg));
  batch.plan(paths.map((path) => entryOf(`http://127.0.0.1:${server.port}${path}`)));
  const budgets = { default: { connections: 1, requestsPerSecond: 100 } };
  await batch.run({ input: { budgets } });
  expect(batch.lines().map(({ outcome }) => outcome)).toEqual(paths.map(() => 'stored'));
  expect(server.requests).toHaveLength(paths.length + 3);
  const connections = server.requests.map(({ onConnection }) => onConnection);
  expect(connections).toEqual(connections.map(() => 0));
});
