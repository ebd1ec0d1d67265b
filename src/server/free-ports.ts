/** Which ports of 127.0.0.1 are listened on, and which are free. */
import net from 'node:net';

const MOST_TRIES = 200;

/** The first free port of 127.0.0.1 from `preferred` on, none of `taken`. **Errors** an Error when there is none in 200. */
export async function freePort(preferred: number, taken: readonly number[] = []): Promise<number> {
  for (let port = preferred; port < preferred + MOST_TRIES; port += 1) {
    if (!taken.includes(port) && (await isFree(port))) return port;
  }
  throw new Error(
    `No port between ${preferred} and ${preferred + MOST_TRIES} is free on 127.0.0.1.`,
  );
}

/** By binding. A server on all addresses is found too: binding 127.0.0.1 beside it is refused where SO_REUSEADDR is not set. */
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

/** True when something accepts connections there: the quick question before the long one. */
export function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect({ port, host: '127.0.0.1' });
    const settle = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => {
      settle(true);
    });
    socket.once('error', () => {
      settle(false);
    });
  });
}
