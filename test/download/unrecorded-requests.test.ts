/** Requests whose images have no ledger line yet are counted too. */
import { head, reply } from '../helpers/hosts/lying-server';
import { unrecordedRequests } from '../../src/files/run/unrecorded-requests';
import { until } from '../helpers/until';
import { RUN, entryOf, forEachTest, type Scene } from './batch-fixture';

let scene: Scene;
forEachTest((made) => (scene = made));

it('the requests of images that were under way when their batch was cancelled are counted', async () => {
  const { server, batch } = scene;
  const cancel = new AbortController();
  const paths = Array.from({ length: 8 }, (_each, nth) => `/${nth}`);
  for (const path of paths)
    server.answer(
      path,
      path === '/0' ? reply('404 Not Found') : (socket) => socket.write(head('200 OK', {})),
    );
  batch.plan(paths.map((path) => entryOf(`http://127.0.0.1:${server.port}${path}`)));
  const run = batch.run({
    signal: cancel.signal,
    input: { budgets: { default: { connections: 4, requestsPerSecond: 500 } } },
  });
  // One is answered, and the four connections wait for their bodies.
  await until(() => server.requests.length === 5, { within: 20, saying: '5 requests' });
  cancel.abort(new Error('cancelled'));
  await expect(run).rejects.toThrow('cancelled');
  const recorded = batch.lines().reduce((sum, { requests }) => sum + requests, 0);
  expect(recorded).toBe(1);
  expect(recorded + unrecordedRequests(batch.root, RUN)).toBe(server.requests.length);
});

it('a batch whose images all have their lines has no unrecorded requests', async () => {
  const { server, batch } = scene;
  await batch.outcomeOf(server, reply('404 Not Found'));
  expect(unrecordedRequests(batch.root, RUN)).toBe(0);
});
