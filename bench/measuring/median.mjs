/** The median of some numbers. For an even count it is the upper one of the two in the middle. */
export function median(numbers) {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
}
