/**
 * Decides whether a file is a whole image: by its signature, by walking its structure and, where
 * that is not enough, by decoding it.
 */
import fs from 'node:fs';
import type { OpaqueKind, Verify } from '../contract/run-input';
import { createDecoderPool } from './decoder-pool';
import { describeNoImage } from './kinds/describe-no-image';
import { failedCheck, type DecodeRequest, type ImageCheck } from './image-check';
import { headerSize } from './header-size';
import { SIGNATURE_BYTES, imageSignature, isCutSignature } from './image-signature';
import { checkOpaqueFile } from './kinds/opaque-file';
import { otherImageKind } from './kinds/other-image-kinds';
import { validCheck, walkImage } from './walk-image';

export type { ImageCheck } from './image-check';

/**
 * The largest image in bytes that is walked on the event loop. A walk takes 0.3 ms of CPU for a
 * thumbnail of 7 kB, and 2.4 ms for one in a hundred. In a decoder process the walk would cost a
 * third more. The limit on pixels bounds how much is inflated.
 *
 * @see docs/decisions/0036-the-walk.md
 */
const MAX_BYTES_ON_EVENT_LOOP = 32_768;
const MAX_PIXELS_ON_EVENT_LOOP = 100_000;

export interface CheckRequest {
  readonly path: string;
  /** Creates the file if it is only in memory. Called before another process opens it. */
  readonly writeOut?: () => void;
  /** The size of the file in bytes. */
  readonly bytes: number;
  /**
   * The first {@link SIGNATURE_BYTES} of the file, if available; the file need not be opened then.
   */
  readonly head?: Buffer;
  /** The whole file, if available. */
  readonly content?: Buffer;
  readonly verify: Verify;
  /** Kinds that are stored although they are not decoded. Default: none. */
  readonly keep?: readonly OpaqueKind[];
  /**
   * False if nothing marked the end of the body, so that only decoding shows whether it is
   * complete.
   */
  readonly lengthKnown: boolean;
  /** The largest number of pixels that is accepted. */
  readonly pixels: number;
}

export interface ImageChecker {
  /**
   * Checks a file. A defect of the image is a result, not an error.
   *
   * @throws errors of reading the file.
   */
  check(request: CheckRequest): Promise<ImageCheck>;
  close(): Promise<void>;
}

/** `timeoutMs` is the time limit for decoding one image. */
export function createImageChecker(options: {
  readonly processes: number;
  readonly timeoutMs: number;
}): ImageChecker {
  const decoders = createDecoderPool(options);
  return {
    check: async (request) => {
      const head = request.head ?? readHead(request.path);
      if (request.bytes === 0 || head.length === 0)
        return failedCheck('empty', 'the body has no bytes');
      const signature = imageSignature(head);
      if (signature === null && isCutSignature(head))
        return failedCheck('truncated', 'the file ends inside the signature of an image', {
          retryable: true,
        });
      if (signature === null) return unknownSignature(head, request.bytes);
      if (signature.kind === 'opaque') {
        if (request.keep?.includes(signature.type) === true)
          return checkOpaqueFile(signature.type, request);
        const name = signature.type === 'jxl' ? 'JPEG XL (jxl)' : signature.type;
        return failedCheck(
          'type_not_allowed',
          `${name} is not kept (--keep ${signature.type} stores it)`,
        );
      }
      const { format, extension } = signature;
      if (request.verify === 'signature' && request.lengthKnown) {
        const size = headerSize(format, head);
        return { ok: true, format, extension, ...size, verdict: 'unchecked', detail: null };
      }
      const { path, pixels, lengthKnown } = request;
      const decode = { path, format, extension, pixels, lengthKnown };
      const walked = walkOnEventLoop(decode, request);
      if (walked !== null) return walked;
      request.writeOut?.();
      return decoders.decode(decode);
    },
    close: () => decoders.close(),
  };
}

/** The result for a file with the signature of no kind that can be stored. */
function unknownSignature(head: Buffer, bytes: number): ImageCheck {
  const kind = otherImageKind(head, bytes);
  if (kind === null) return failedCheck('not_an_image', describeNoImage(head));
  return failedCheck('type_not_allowed', `${kind} is neither decoded nor kept`);
}

/** The result for a small image whose walk found it good; null if a decoder process must decide. */
function walkOnEventLoop(
  request: DecodeRequest,
  { bytes, content }: CheckRequest,
): ImageCheck | null {
  if (bytes > MAX_BYTES_ON_EVENT_LOOP) return null;
  const pixels = Math.min(request.pixels, MAX_PIXELS_ON_EVENT_LOOP);
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
