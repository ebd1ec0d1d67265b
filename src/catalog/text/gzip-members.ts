/**
 * Unpacks gzip as `gunzip` does: one member after another, and what follows the last one is left.
 * Node's own stream fails at such a rest, and loses what it has unpacked shortly before.
 *
 * @see RFC 1952
 */
import { pipeline, Readable } from 'node:stream';
import { createInflateRaw, crc32 } from 'node:zlib';

const MAGIC = 0x8b1f;
const DEFLATE = 8;
/** Bits of the flags of a header. */
const HEADER_CRC = 2;
const EXTRA = 4;
const NAME = 8;
const COMMENT = 16;
const RESERVED = 0xe0;

/**
 * Yields what the members hold.
 *
 * @param onRest called with the number of bytes behind the last member when these are no padding.
 * @throws Error when a member is damaged or cut short.
 */
export async function* gunzipMembers(
  chunks: AsyncIterator<Buffer>,
  chunkSize: number,
  onRest: (bytes: number) => void,
): AsyncGenerator<Buffer> {
  const bytes = new BytesAhead(chunks);
  do {
    await skipHeader(bytes);
    yield* inflateMember(bytes, chunkSize);
  } while ((await bytes.has(2)) && bytes.ahead.readUInt16LE(0) === MAGIC);
  const rest = await countRest(bytes);
  if (rest > 0) onRest(rest);
}

/** Bytes of a source that have been read and not used. */
class BytesAhead {
  ahead: Buffer = Buffer.alloc(0);
  readonly #source: AsyncIterator<Buffer>;

  constructor(source: AsyncIterator<Buffer>) {
    this.#source = source;
  }

  /** Reads a further chunk, and returns false at the end. */
  async readMore(): Promise<boolean> {
    const next = await this.#source.next();
    if (next.done === true) return false;
    this.ahead = this.ahead.length === 0 ? next.value : Buffer.concat([this.ahead, next.value]);
    return true;
  }

  async has(count: number): Promise<boolean> {
    while (this.ahead.length < count) if (!(await this.readMore())) return false;
    return true;
  }

  async take(count: number): Promise<Buffer> {
    if (!(await this.has(count))) throw new Error('unexpected end of file');
    const taken = this.ahead.subarray(0, count);
    this.ahead = this.ahead.subarray(count);
    return taken;
  }
}

async function skipHeader(bytes: BytesAhead): Promise<void> {
  const header = await bytes.take(10);
  const flags = header.readUInt8(3);
  if (header.readUInt8(2) !== DEFLATE || (flags & RESERVED) !== 0)
    throw new Error('unknown kind of gzip');
  if ((flags & EXTRA) !== 0) await bytes.take((await bytes.take(2)).readUInt16LE(0));
  if ((flags & NAME) !== 0) await skipText(bytes);
  if ((flags & COMMENT) !== 0) await skipText(bytes);
  if ((flags & HEADER_CRC) !== 0) await bytes.take(2);
}

/** A text ends with a byte 0. */
async function skipText(bytes: BytesAhead): Promise<void> {
  while ((await bytes.take(1)).readUInt8(0) !== 0);
}

/** Inflates one member, and checks it against its trailer. */
async function* inflateMember(bytes: BytesAhead, chunkSize: number): AsyncGenerator<Buffer> {
  const input = new MemberInput(bytes);
  const inflate = createInflateRaw({ chunkSize });
  const source = Readable.from(input.chunks(() => inflate.bytesWritten));
  pipeline(source, inflate, () => undefined);
  let [crc, size] = [0, 0];
  try {
    for await (const chunk of inflate) {
      const part = chunk as Buffer;
      crc = crc32(part, crc);
      size += part.length;
      yield part;
    }
  } finally {
    source.destroy();
  }
  await input.giveBack(inflate.bytesWritten);
  const trailer = await bytes.take(8);
  if (trailer.readUInt32LE(0) !== crc || trailer.readUInt32LE(4) !== size % 2 ** 32)
    throw new Error('the checksum differs');
}

/** The bytes that a decoder gets. It reads beyond the end of its member. */
class MemberInput {
  readonly #bytes: BytesAhead;
  /** Chunks that the decoder got and has not used up, and where the first of them begins. */
  #given: Buffer[] = [];
  #start = 0;
  #ended: Promise<void> = Promise.resolve();

  constructor(bytes: BytesAhead) {
    this.#bytes = bytes;
  }

  /** @param used returns how many bytes the decoder has used. */
  async *chunks(used: () => number): AsyncGenerator<Buffer> {
    const { promise, resolve } = withResolver();
    this.#ended = promise;
    try {
      do {
        const chunk = this.#bytes.ahead;
        this.#bytes.ahead = Buffer.alloc(0);
        this.#forget(used());
        this.#given.push(chunk);
        if (chunk.length > 0) yield chunk;
      } while (await this.#bytes.readMore());
    } finally {
      resolve();
    }
  }

  /** Gives back what the decoder, which has ended, did not use. */
  async giveBack(used: number): Promise<void> {
    await this.#ended;
    this.#forget(used);
    const [first, ...others] = [...this.#given, this.#bytes.ahead].filter(
      ({ length }) => length > 0,
    );
    const left = (first ?? Buffer.alloc(0)).subarray(used - this.#start);
    this.#bytes.ahead = others.length === 0 ? left : Buffer.concat([left, ...others]);
  }

  #forget(used: number): void {
    const lengthOfFirst = (): number => this.#given[0]?.length ?? Infinity;
    while (this.#start + lengthOfFirst() <= used) this.#start += this.#given.shift()?.length ?? 0;
  }
}

function withResolver(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

/** How many bytes are left; 0 when all are zero, which only fill a block of a tape or a disk. */
async function countRest(bytes: BytesAhead): Promise<number> {
  let [count, isPadding] = [0, true];
  do {
    count += bytes.ahead.length;
    isPadding &&= bytes.ahead.every((byte) => byte === 0);
    bytes.ahead = Buffer.alloc(0);
  } while (await bytes.readMore());
  return isPadding ? 0 : count;
}
