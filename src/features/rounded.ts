/** Fewer digits in a ledger line: what the warehouse keeps of a number is a FLOAT. */
export function rounded(value: number, digits: number): number {
  const factor = 10 ** digits;
  // Adding 0 makes 0 of -0, which JSON does not know.
  return Math.round(value * factor) / factor + 0;
}
