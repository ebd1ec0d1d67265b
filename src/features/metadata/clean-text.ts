/** Texts of metadata, which may be in UTF-8 or Latin-1 and have any characters. */

/** Up to the first NUL, without control characters. What is no UTF-8 is taken for Latin-1. */
export function cleanText(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  const text = end < 0 ? bytes : bytes.subarray(0, end);
  const utf8 = text.toString('utf8');
  const decoded = utf8.includes('\uFFFD') ? text.toString('latin1') : utf8;
  return withoutControls(decoded);
}

/** Control characters become spaces. */
export function withoutControls(text: string): string {
  return text.replace(/\p{Cc}/gu, ' ').trim();
}
