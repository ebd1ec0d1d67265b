/**
 * The result of a walk. A walk reads the structure of an image from start to end without computing
 * pixels.
 */

/**
 * - `good`: every byte conforms to the format.
 * - `unended`: every pixel of the first picture is there, and its end mark or a later picture is
 *   missing.
 * - `unsupported`: every part of the file is whole, and it is of a kind that the decoder refuses.
 * - `refused`: the image is not whole, whatever a decoder returns.
 * - `doubtful`: something is wrong, and a decoder decides.
 * - `unknown`: walks do not support this kind of image, and a decoder decides alone.
 *
 * `width` and `height` are in pixels.
 */
export type Walk =
  | {
      readonly state: 'good';
      readonly width: number;
      readonly height: number;
      readonly hasTrailingBytes: boolean;
    }
  | {
      readonly state: 'unended';
      readonly width: number;
      readonly height: number;
      readonly detail: string;
    }
  | {
      readonly state: 'unsupported';
      readonly width: number;
      readonly height: number;
      readonly detail: string;
    }
  | {
      readonly state: 'refused';
      readonly code: 'truncated' | 'corrupt' | 'too_many_pixels';
      readonly detail: string;
    }
  | { readonly state: 'doubtful' | 'unknown'; readonly detail: string };

/** Ends a walk from any depth of calls; {@link finishWalk} catches it. */
class EndOfWalk extends Error {
  override readonly name = 'EndOfWalk';
  constructor(readonly walk: Walk) {
    super('the walk has ended');
  }
}

/** Ends the walk as doubtful: something is wrong with the image. */
export function doubt(detail: string): never {
  throw new EndOfWalk({ state: 'doubtful', detail });
}

/** Ends the walk as unknown: it does not support this kind of image. */
export function unknownKind(detail: string): never {
  throw new EndOfWalk({ state: 'unknown', detail });
}

/** Ends the walk as unsupported: the file is whole, and the decoder does not support its kind. */
export function unsupportedImage(size: { width: number; height: number }, detail: string): never {
  throw new EndOfWalk({ state: 'unsupported', ...size, detail });
}

/** Ends the walk as refused: the image is not whole, whatever a decoder returns. */
export function refuseWalk(
  code: 'truncated' | 'corrupt' | 'too_many_pixels',
  detail: string,
): never {
  throw new EndOfWalk({ state: 'refused', code, detail });
}

/**
 * Runs a walk and returns its result, also when it ended early.
 *
 * @throws every error that is not the end of a walk.
 */
export function finishWalk(walk: () => Walk): Walk {
  try {
    return walk();
  } catch (error) {
    if (error instanceof EndOfWalk) return error.walk;
    throw error;
  }
}

/** The result with which a walk ended early; null for any other error. */
export function endedEarly(error: unknown): Walk | null {
  return error instanceof EndOfWalk ? error.walk : null;
}

/** Ends the walk as refused if the image has more than `most` pixels. */
export function refuseTooManyPixels(width: number, height: number, most: number): void {
  if (width * height > most) {
    refuseWalk('too_many_pixels', `${width} × ${height} pixels are more than ${most}`);
  }
}
