/** Hashes as hexadecimal texts, the highest bit first, as Meta's programs write them. */

export function hashText(words: Uint32Array): string {
  return [...words]
    .reverse()
    .map((word) => word.toString(16).padStart(8, '0'))
    .join('');
}
