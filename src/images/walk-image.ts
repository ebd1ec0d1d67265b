/** Which formats are walked, and what a good walk says. */
import type { DecodeRequest, ImageCheck } from './image-check';
import { walkJpeg } from './jpeg/walk-jpeg';
import { walkPng } from './png/walk-png';
import type { Walk } from './walk';

/** **Errors** none: hostile bytes end in an answer. */
export function walkImage({ format, pixels }: DecodeRequest, bytes: Buffer): Walk {
  if (format === 'jpeg') return walkJpeg(bytes, pixels);
  if (format === 'png') return walkPng(bytes, pixels);
  return { state: 'unknown', detail: `no walk for ${format}` };
}

/** What is said of an image whose walk found it good. */
export function validCheck(
  { format, extension }: DecodeRequest,
  { width, height, hasTrailingBytes }: Extract<Walk, { readonly state: 'good' }>,
): ImageCheck {
  const detail = hasTrailingBytes ? TRAILING_BYTES : null;
  return { ok: true, format, extension, width, height, verdict: 'valid', detail };
}

/** The remark on an image with bytes behind its end. */
export const TRAILING_BYTES = 'trailing_bytes';
