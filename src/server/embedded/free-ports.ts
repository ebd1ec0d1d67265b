/** Finds out which ports of 127.0.0.1 are in use and which are free. */
import net from 'node:net';

const MOST_TRIES = 200;

/**
 * Returns the first free port of 127.0.0.1 from `preferred` on that is not one of `taken`.
 *
 * @throws Error when none of 200 ports is free.
 */
export async function freePort(preferred: number, taken: readonly number[] = []): Promise<number> {
  for (let port = preferred; port < preferred + MOST_TRIES; port += 1) {
    if (!taken.includes(port) && (await isFree(port))) return port;
  }
  throw new Error(
    `No port between ${preferred} and ${preferred + MOST_TRIES} is free on 127.0.0.1.`,
  );
}

/**
 * Tests a port by binding it. A server that listens on all addresses is found too, because binding
 * 127.0.0.1 beside it fails where SO_REUSEADDR is not set.
 */
function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = net.createServer();
    server.once('error', () => {
      resolve(false);
    });
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      server.close(() => {
        resolve(true);
      });
    });
  });
}

/**
 * True when a process accepts connections on the port. This check is quick, and callers use it
 * before a slow one.
 */
export function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect({ port, host: '127.0.0.1' });
    const finish = (isAccepted: boolean): void => {
      socket.destroy();
      resolve(isAccepted);
    };
    socket.once('connect', () => {
      finish(true);
    });
    socket.once('error', () => {
      finish(false);
    });
  });
}
