/** Says whether a file is a whole image: by its signature, by a walk through it, and, where that is not enough, by decoding it. */
import fs from 'node:fs';
import type { Verify } from '../contract/run-input';
import { createDecoderPool } from './decoder-pool';
import { refuse, type DecodeRequest, type ImageCheck } from './image-check';
import { headerSize } from './header-size';
import { SIGNATURE_BYTES, imageSignature } from './image-signature';
import { validCheck, walkImage } from './walk-image';

export type { ImageCheck } from './image-check';

/**
 * What is walked on the event loop: 0.3 ms of CPU for a thumbnail of 7 kB, 2.4 one time in a hundred. In a
 * decoder process it would be a third more. More pixels would be more to inflate. **Units** bytes, pixels. **Source** decision 0036.
 */
const WALKED_HERE = 32_768;
const PIXELS_WALKED_HERE = 100_000;

/** **Units** `bytes` bytes, `pixels` the most that are allowed. */
export interface CheckRequest {
  readonly path: string;
  readonly bytes: number;
  /** The first {@link SIGNATURE_BYTES}, where they are at hand: the file need not be opened then. */
  readonly head?: Buffer;
  /** The whole file, where it is at hand. */
  readonly content?: Buffer;
  readonly verify: Verify;
  /** False: nothing said where the body ends, so only a decode can tell that it is whole. */
  readonly lengthKnown: boolean;
  readonly pixels: number;
}

export interface ImageChecker {
  /** **Errors** those of reading the file; everything about the image is an answer. */
  check(request: CheckRequest): Promise<ImageCheck>;
  close(): Promise<void>;
}

/** **Units** `timeoutMs` ms for one image. */
export function createImageChecker(options: {
  readonly processes: number;
  readonly timeoutMs: number;
}): ImageChecker {
  const decoders = createDecoderPool(options);
  return {
    check: async (request) => {
      const head = request.head ?? readHead(request.path);
      if (request.bytes === 0 || head.length === 0) return refuse('empty', 'the body has no bytes');
      const signature = imageSignature(head);
      if (signature === null) return refuse('not_an_image', `begins with ${quote(head)}`);
      if (signature.kind === 'refused') {
        return refuse('type_not_allowed', `${signature.type} is not kept`);
      }
      const { format, extension } = signature;
      if (request.verify === 'signature' && request.lengthKnown) {
        const size = headerSize(format, head);
        return { ok: true, format, extension, ...size, verdict: 'unchecked', detail: null };
      }
      const decode = { path: request.path, format, extension, pixels: request.pixels };
      return walkHere(decode, request) ?? decoders.decode(decode);
    },
    close: () => decoders.close(),
  };
}

/** The answer on a small image that is good; null: a decoder process says what it is. */
function walkHere(request: DecodeRequest, { bytes, content }: CheckRequest): ImageCheck | null {
  if (bytes > WALKED_HERE) return null;
  const pixels = Math.min(request.pixels, PIXELS_WALKED_HERE);
  const walk = walkImage({ ...request, pixels }, content ?? fs.readFileSync(request.path));
  return walk.state === 'good' ? validCheck(request, walk) : null;
}

function readHead(file: string): Buffer {
  const head = Buffer.alloc(SIGNATURE_BYTES);
  const descriptor = fs.openSync(file, 'r');
  try {
    return head.subarray(0, fs.readSync(descriptor, head));
  } finally {
    fs.closeSync(descriptor);
  }
}

/** The first bytes as text that no terminal obeys. */
function quote(head: Buffer): string {
  return JSON.stringify(head.toString('latin1', 0, 60).replace(/[^\x20-\x7e]+/g, '·'));
}
