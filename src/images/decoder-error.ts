/** What an error of the decoder means. */

/** The messages of libvips 8.x and its codecs about files that were cut off. */
const TRUNCATED_MESSAGE =
  /premature end|truncat|unexpected end|end of (file|stream|data)|not enough data|out of data|unterminated/i;

/**
 * Their messages at the memory limit of the process (limited-process.ts). The image may be sound.
 */
const OUT_OF_MEMORY_MESSAGE =
  /out of memory|insufficient memory|memory allocation|cannot allocate/i;

export interface DecoderError {
  readonly code: 'truncated' | 'corrupt' | 'too_many_pixels' | 'decoder_crash';
  readonly detail: string;
}

export function decoderError(error: unknown): DecoderError {
  const detail = firstLine(error);
  if (/pixel limit/i.test(detail)) return { code: 'too_many_pixels', detail };
  if (OUT_OF_MEMORY_MESSAGE.test(detail)) return { code: 'decoder_crash', detail };
  return { code: TRUNCATED_MESSAGE.test(detail) ? 'truncated' : 'corrupt', detail };
}

export function firstLine(error: unknown): string {
  return (
    (error instanceof Error ? error.message : String(error)).split('\n')[0]?.slice(0, 200) ?? ''
  );
}
