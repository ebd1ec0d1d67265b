/**
 * Messages between processes of one machine, one line of JSON each, over a Unix-domain socket or a
 * named pipe.
 */
import net from 'node:net';

/** A longer line is not a message of this program. In characters. */
const LONGEST_LINE = 4_000_000;

export interface MessageSocket {
  send(message: object): void;
  /**
   * Must be called once. Messages that arrived before are delivered at once. `onClose` is called
   * once, after the last message.
   */
  listen(onMessage: (message: unknown) => void, onClose: () => void): void;
  close(): void;
}

export interface MessageServer {
  close(): void;
}

/**
 * Serves connections at the socket `file`. The server does not keep the process alive.
 *
 * @returns a promise that resolves when processes can connect.
 * @throws errors of node:net.
 */
export function serveMessages(
  file: string,
  onConnect: (socket: MessageSocket) => void,
): Promise<MessageServer> {
  const open = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    onConnect(createMessageSocket(socket));
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(file, () => {
      server.off('error', reject);
      // A connection could not be accepted. The process at its other end tries again.
      server.on('error', () => undefined);
      server.unref();
      resolve({
        close: () => {
          server.close();
          for (const socket of open) socket.destroy();
        },
      });
    });
  });
}

/**
 * @throws errors of node:net, with a `code`; ECONNREFUSED when the process that served the socket
 *   has died.
 */
export function connectMessages(file: string): Promise<MessageSocket> {
  const socket = net.connect(file);
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      resolve(createMessageSocket(socket));
    });
  });
}

function createMessageSocket(socket: net.Socket): MessageSocket {
  socket.unref();
  socket.setEncoding('utf8');
  // The event `close` follows each error.
  socket.on('error', () => undefined);
  return {
    send: (message) => {
      if (socket.writable) socket.write(`${JSON.stringify(message)}\n`);
    },
    listen: (onMessage, onClose) => {
      let rest = '';
      socket.on('close', onClose);
      socket.on('data', (chunk) => {
        const lines = `${rest}${String(chunk)}`.split('\n');
        rest = lines.pop() ?? '';
        try {
          if (rest.length > LONGEST_LINE) throw new Error('the line is too long');
          for (const line of lines) if (!socket.destroyed) onMessage(JSON.parse(line));
        } catch {
          // Another program, or another version of this one, is at the other end.
          socket.destroy();
        }
      });
      if (socket.destroyed) onClose();
    },
    close: () => {
      socket.destroy();
    },
  };
}
