/** What a check is asked and what it answers; shared by the checker and its decoder processes. */
import type { ImageCode, Verdict } from '../contract/outcome';
import type { ImageFormat } from './image-signature';

/** **Units** `width`, `height` pixels as in the header. `detail` is for people. */
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

/** One image for a decoder process. **Units** `pixels` the most that are allowed. */
export interface DecodeRequest {
  readonly path: string;
  readonly format: ImageFormat;
  readonly extension: string;
  readonly pixels: number;
}

/** A failure, in short. */
export function refuse(code: ImageCode, detail: string, retryable = false): ImageCheck {
  return { ok: false, code, retryable, detail };
}
