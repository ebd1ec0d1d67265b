/** A walk reads an image from start to end without making pixels, and says what it found. */

/**
 * **Shape** `good`: every byte of it is what its format asks for; `refused`: it is not whole, and no decoder's opinion would
 * change that; `doubtful`: something is wrong, a decoder decides; `unknown`: a kind that walks do not know, a decoder decides alone.
 * **Units** `width`, `height` pixels.
 */
export type Walk =
  | {
      readonly state: 'good';
      readonly width: number;
      readonly height: number;
      readonly hasTrailingBytes: boolean;
    }
  | {
      readonly state: 'refused';
      readonly code: 'truncated' | 'corrupt' | 'too_many_pixels';
      readonly detail: string;
    }
  | { readonly state: 'doubtful' | 'unknown'; readonly detail: string };

/** Ends a walk from any depth of it; never leaves {@link finishWalk}. */
class EndOfWalk extends Error {
  override readonly name = 'EndOfWalk';
  constructor(readonly walk: Walk) {
    super('the walk has ended');
  }
}

/** Something is wrong with the image at this place. */
export function doubt(detail: string): never {
  throw new EndOfWalk({ state: 'doubtful', detail });
}

/** A kind of image that this walk does not know. */
export function unknownKind(detail: string): never {
  throw new EndOfWalk({ state: 'unknown', detail });
}

/** The image is not whole, whatever a decoder makes of it. */
export function refuseWalk(
  code: 'truncated' | 'corrupt' | 'too_many_pixels',
  detail: string,
): never {
  throw new EndOfWalk({ state: 'refused', code, detail });
}

/** **Errors** all but the ends of walks. */
export function finishWalk(walk: () => Walk): Walk {
  try {
    return walk();
  } catch (error) {
    if (error instanceof EndOfWalk) return error.walk;
    throw error;
  }
}

/** **Units** pixels. */
export function refuseTooManyPixels(width: number, height: number, most: number): void {
  if (width * height > most) {
    refuseWalk('too_many_pixels', `${width} × ${height} pixels are more than ${most}`);
  }
}
