/** A body without end and without a length is read only up to the limit. */
import { head, startLyingServer } from '../helpers/hosts/lying-server';
import { BatchFixture } from './batch-fixture';

it('a body without end or length is read no further than to the limit', async () => {
  const server = await startLyingServer();
  const batch = new BatchFixture(server.port);
  let sent = 0;
  const line = await batch.outcomeOf(
    server,
    (socket) => {
      socket.write(head('200 OK', { connection: 'close' }));
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
  expect([...batch.files(), ...batch.temps()]).toEqual([]);
  await batch.dispose();
  await server.close();
});
