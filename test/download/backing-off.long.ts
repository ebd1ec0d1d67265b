/** Many images that back off, for longer than a commit may take, do not block others. */
import { picture } from '../helpers/images/images';
import { reply, startLyingServer } from '../helpers/hosts/lying-server';
import { BatchFixture, entryOf } from './batch-fixture';

const COUNT = 700;

it('300 images that succeed at the fifth attempt release their slots to others while they back off', async () => {
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
  // The fifth attempts come after four seconds at least. All images had been begun by then,
  // although at most 256 are under way at once and 300 backed off.
  const fifth = server.requests.findIndex(({ before }) => before === 4);
  expect(new Set(server.requests.slice(0, fifth).map(({ path }) => path)).size).toBe(COUNT);
  await batch.dispose();
  await server.close();
});
