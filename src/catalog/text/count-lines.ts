/** The number of line ends in a part of a text: LF, CRLF, and a CR alone in a file with such. */
export function countLines(text: string, options: { readonly hasLoneCrs?: boolean } = {}): number {
  if (options.hasLoneCrs === true) return text.match(/\r\n?|\n/g)?.length ?? 0;
  let count = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count += 1;
  return count;
}
