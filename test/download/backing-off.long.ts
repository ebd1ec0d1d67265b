/** Images that back off stand in nobody's way: seen by many, for longer than a commit may take. */
import { picture } from '../helpers/images';
import { reply, startLyingServer } from '../helpers/lying-server';
import { BatchFixture, entryOf } from './batch-fixture';

const COUNT = 700;

it('300 images that pass at the fifth try leave their places to others while they back off', async () => {
  const server = await startLyingServer();
  const batch = new BatchFixture(server.port);
  const good = reply('200 OK', {}, await picture('jpeg'));
  const bad = reply('500 Oops');
  const names = Array.from({ length: COUNT }, (_none, n) => `/${n}`);
  names.forEach((name, n) => {
    server.answer(name, (socket, request) => {
      (n % 7 < 3 && request.before < 4 ? bad : good)(socket, request);
    });
  });
  batch.plan(names.map((name) => entryOf(`http://127.0.0.1:${server.port}${name}`)));
  await batch.run({
    settings: { ARTEMIS_MAX_ATTEMPTS: '5', ARTEMIS_MAX_REQUESTS_PER_SECOND: '9999' },
    input: { budgets: { default: { connections: 16, requestsPerSecond: 5_000 } } },
  });
  expect(batch.lines().map(({ outcome }) => outcome)).toEqual(Array(COUNT).fill('stored'));
  // The fifth tries come after four seconds at least. All had been begun by then: no more than 256 are under way at once, and 300 backed off.
  const fifth = server.requests.findIndex(({ before }) => before === 4);
  expect(new Set(server.requests.slice(0, fifth).map(({ path }) => path)).size).toBe(COUNT);
  await batch.dispose();
  await server.close();
});
