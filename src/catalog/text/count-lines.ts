/** How many line ends a stretch of text holds: LF, or in files of lone CRs those too. */
export function countLines(text: string, carriageReturns: boolean): number {
  if (carriageReturns) return text.match(/\r\n?|\n/g)?.length ?? 0;
  let count = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count += 1;
  return count;
}
