/** Walks the formats for which a walk exists, and converts a good walk to the result of a check. */
import type { DecodeRequest, ImageCheck } from './image-check';
import { walkJpeg } from './jpeg/walk-jpeg';
import { walkPng } from './png/walk-png';
import type { Walk } from './walk-result';

/** Walks an image. Never throws, because hostile bytes lead to a result too. */
export function walkImage({ format, pixels }: DecodeRequest, bytes: Buffer): Walk {
  if (format === 'jpeg') return walkJpeg(bytes, pixels);
  if (format === 'png') return walkPng(bytes, pixels);
  return { state: 'unknown', detail: `no walk for ${format}` };
}

/** The result of a check for an image whose walk was good. */
export function validCheck(
  { format, extension }: DecodeRequest,
  { width, height, hasTrailingBytes }: Extract<Walk, { readonly state: 'good' }>,
): ImageCheck {
  const detail = hasTrailingBytes ? TRAILING_BYTES : null;
  return { ok: true, format, extension, width, height, verdict: 'valid', detail };
}

/** The result of a check for an image that has all its pixels, and whose file is not whole. */
export function unendedCheck(
  { format, extension }: DecodeRequest,
  { width, height, detail }: Extract<Walk, { readonly state: 'unended' }>,
): ImageCheck {
  return { ok: true, format, extension, width, height, verdict: 'suspect', detail };
}

/** The result of a check for a whole image of a kind that no decoder of this project reads. */
export function unsupportedCheck(
  { format, extension }: DecodeRequest,
  { width, height, detail }: Extract<Walk, { readonly state: 'unsupported' }>,
): ImageCheck {
  return { ok: true, format, extension, width, height, verdict: 'unchecked', detail };
}

/** The remark on an image with bytes after its end. */
export const TRAILING_BYTES = 'trailing_bytes';
