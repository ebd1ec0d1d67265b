import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';

/**
 * A port of 127.0.0.1 on which no process listens. The system chooses it at random, so tests that
 * ask at the same moment get different ones.
 */
export async function unusedPort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
