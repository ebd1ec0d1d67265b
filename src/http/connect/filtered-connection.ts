/** A connection whose bytes pass through a filter before its client receives them. */
import type net from 'node:net';
import { Duplex } from 'node:stream';

export interface ByteFilter {
  /** Returns what the client receives instead of the bytes that have arrived. */
  rewrite(bytes: Buffer): Buffer;
  /** Returns the bytes that it still holds when the other side has ended the connection. */
  rest(): Buffer;
  /** Notes bytes that the client sends. They do not change. */
  sent?(bytes: Buffer): void;
  /**
   * Called when the other side has ended the connection, and again when it is closed.
   *
   * @returns whether the client sees the end. A filter that returns false has another way to make
   *   the client close the connection.
   */
  showsEnd?(): boolean;
}

export class FilteredConnection extends Duplex {
  constructor(
    protected readonly socket: net.Socket,
    private readonly byteFilter: ByteFilter,
  ) {
    super();
    socket.on('data', (bytes: Buffer) => {
      if (!this.push(byteFilter.rewrite(bytes))) socket.pause();
    });
    const isShown = (): boolean => byteFilter.showsEnd?.() ?? true;
    socket.on('end', () => {
      if (!isShown()) return;
      const rest = byteFilter.rest();
      if (rest.length > 0) this.push(rest);
      this.push(null);
    });
    socket.on('error', (error) => {
      if (isShown()) this.destroy(error);
    });
    socket.on('close', () => {
      // After its end the last bytes may still wait to be read.
      if (!socket.readableEnded && isShown()) this.destroy();
    });
  }

  override _read(): void {
    this.socket.resume();
  }

  override _write(bytes: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void) {
    this.byteFilter.sent?.(bytes);
    this.socket.write(bytes, done);
  }

  override _final(done: () => void): void {
    // Closes the connection even if the server keeps its side open.
    this.socket.destroySoon();
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.socket.destroy();
    done(error);
  }
}
