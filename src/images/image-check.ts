/** The requests and results of a check, shared by the checker and its decoder processes. */
import type { ImageCode, Verdict } from '../contract/outcome';
import type { ImageFormat } from './image-signature';

/**
 * The result of a check. `width` and `height` are the pixels that the header states. `detail` is a
 * text for users.
 */
export type ImageCheck =
  | {
      readonly ok: true;
      readonly format: string;
      readonly extension: string;
      readonly width: number | null;
      readonly height: number | null;
      readonly verdict: Verdict;
      readonly detail: string | null;
    }
  | {
      readonly ok: false;
      readonly code: ImageCode;
      readonly retryable: boolean;
      readonly detail: string;
    };

/** A request to decode one image. */
export interface DecodeRequest {
  readonly path: string;
  readonly format: ImageFormat;
  readonly extension: string;
  /** The largest number of pixels that is accepted. */
  readonly pixels: number;
  /** True when all bytes that were announced have arrived. The default is false. */
  readonly lengthKnown?: boolean;
}

/** Creates the result of a failed check. A check fails for good unless `retryable` is true. */
export function failedCheck(
  code: ImageCode,
  detail: string,
  { retryable = false }: { readonly retryable?: boolean } = {},
): ImageCheck {
  return { ok: false, code, retryable, detail };
}
