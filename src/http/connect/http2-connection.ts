/**
 * A connection of HTTP/2 whose host announces (GOAWAY) that it will end it, as servers do after a
 * number of requests and before they stop. undici ends all requests of a connection at a GOAWAY,
 * also those that the host still answers, so it does not receive that frame. It also forgets the
 * last bytes of an answer that the end of the connection follows, so it does not see that end.
 *
 * @see RFC 9113, sections 4.1 (frames) and 6.8 (GOAWAY).
 */
import type net from 'node:net';
import { constants } from 'node:http2';
import { FilteredConnection, type ByteFilter } from './filtered-connection';

/** What a client sends before its first frame. */
const PREFACE_BYTES = 24;
const FRAME_HEADER_BYTES = 9;
const DATA = 0x00;
const HEADERS = 0x01;
const RESET_STREAM = 0x03;
const GOAWAY = 0x07;
/** A flag of the last frame of an answer. */
const END_STREAM = 0x01;
/** The last stream and the code. Further bytes are for people. */
const LEAST_GOAWAY_BYTES = 8;
/** The largest frame that a host may send, unless the client allows more. */
const MOST_FRAME_BYTES = 16_384;
/** One bit is reserved. */
const STREAM_BITS = 0x7fff_ffff;

/** What is done with the frames of one direction. */
interface FrameHandler {
  /** A request begins, or an answer. */
  onHeaders?(stream: number): void;
  /** The last frame of a request or answer. */
  onEnd?(stream: number): void;
  /** Returns whether the frame is passed on. */
  keepsGoaway?(lastStream: number, code: number): boolean;
}

/** Finds the frames in the bytes of one direction. */
class FrameReader {
  /** The bytes of a frame header, or of a GOAWAY, that are not passed on yet. */
  #begun = Buffer.alloc(0);

  /** `passing` is the number of bytes that are passed on before the next frame. */
  constructor(
    private readonly handler: FrameHandler,
    private passing = 0,
  ) {}

  /** Returns the bytes that are passed on. */
  read(bytes: Buffer): Buffer {
    const passed: Buffer[] = [];
    for (let offset = 0; offset < bytes.length;) {
      const wanted = this.passing > 0 ? this.passing : this.#missingBytes();
      const part = bytes.subarray(offset, offset + wanted);
      offset += part.length;
      if (this.passing > 0) {
        this.passing -= part.length;
        passed.push(part);
      } else passed.push(this.#add(part));
    }
    return Buffer.concat(passed);
  }

  /** Returns the beginning of a frame header, or of a GOAWAY. */
  rest(): Buffer {
    return this.#begun;
  }

  isBetweenFrames(): boolean {
    return this.passing === 0 && this.#begun.length === 0;
  }

  #missingBytes(): number {
    const header = FRAME_HEADER_BYTES - this.#begun.length;
    return header > 0 ? header : header + this.#begun.readUIntBE(0, 3);
  }

  /** Returns the frame header, or the GOAWAY, when it is complete. */
  #add(part: Buffer): Buffer {
    const begun = Buffer.concat([this.#begun, part]);
    this.#begun = begun;
    if (begun.length < FRAME_HEADER_BYTES) return Buffer.alloc(0);
    const [length, type] = [begun.readUIntBE(0, 3), begun.readUInt8(3)];
    const isGoaway = type === GOAWAY && length >= LEAST_GOAWAY_BYTES && length <= MOST_FRAME_BYTES;
    if (isGoaway && begun.length < FRAME_HEADER_BYTES + length) return Buffer.alloc(0);
    this.#begun = Buffer.alloc(0);
    if (isGoaway) return this.#keepsGoaway(begun) ? begun : Buffer.alloc(0);
    this.#note(type, begun);
    this.passing = length;
    return begun;
  }

  #note(type: number, header: Buffer): void {
    const stream = header.readUInt32BE(5) & STREAM_BITS;
    const isLast = (header.readUInt8(4) & END_STREAM) !== 0 && (type === DATA || type === HEADERS);
    if (type === HEADERS) this.handler.onHeaders?.(stream);
    if (isLast || type === RESET_STREAM) this.handler.onEnd?.(stream);
  }

  #keepsGoaway(frame: Buffer): boolean {
    const lastStream = frame.readUInt32BE(FRAME_HEADER_BYTES) & STREAM_BITS;
    const code = frame.readUInt32BE(FRAME_HEADER_BYTES + 4);
    return this.handler.keepsGoaway?.(lastStream, code) ?? true;
  }
}

/** `onLeaving`: a further request needs another connection. */
function endFilter(onLeaving: () => void): ByteFilter {
  let [latestRequest, latestAnswer] = [0, 0];
  const outgoing = new FrameReader(
    {
      onHeaders: (stream) => {
        latestRequest = stream;
      },
    },
    PREFACE_BYTES,
  );
  const incoming = new FrameReader({
    onEnd: (stream) => {
      latestAnswer = stream;
    },
    keepsGoaway: (lastStream, code) => {
      if (code !== constants.NGHTTP2_NO_ERROR || lastStream < latestRequest) return true;
      onLeaving();
      return false;
    },
  });
  return {
    rewrite: (bytes) => incoming.read(bytes),
    rest: () => incoming.rest(),
    sent: (bytes) => outgoing.read(bytes),
    showsEnd: () => {
      const isAnswered = latestRequest > 0 && latestAnswer === latestRequest;
      if (!isAnswered || !incoming.isBetweenFrames()) return true;
      onLeaving();
      return false;
    },
  };
}

export class Http2Connection extends FilteredConnection {
  /** By this undici recognises the protocol. */
  readonly alpnProtocol = 'h2';

  /**
   * `onLeaving`: the request under way still gets its answer, and a further one needs another
   * connection. Who opened this one closes it then. It may be called again.
   */
  constructor(socket: net.Socket, onLeaving: () => void) {
    super(socket, endFilter(onLeaving));
  }

  /** As a socket: the process does not end while a request is under way. */
  ref(): this {
    this.socket.ref();
    return this;
  }

  unref(): this {
    this.socket.unref();
    return this;
  }
}
