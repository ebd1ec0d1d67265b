/** The name that somebody may have meant. */

/** Longer names are not compared: the work grows with the product of their lengths. */
const LONGEST_COMPARED = 100;

/**
 * The name with the fewest characters to change, upper and lower case and separators aside; null
 * when none is near: more than a third of the characters would change.
 */
export function closestName(wanted: string, names: readonly string[]): string | null {
  const plain = plainName(wanted);
  let best: string | null = null;
  let least = Math.floor(Math.max(plain.length, 3) / 3) + 1;
  for (const name of names) {
    const distance = editDistance(plain, plainName(name));
    if (distance >= least) continue;
    least = distance;
    best = name;
  }
  return best;
}

function plainName(name: string): string {
  return name
    .slice(0, LONGEST_COMPARED)
    .toLowerCase()
    .replace(/[\s_.-]/g, '');
}

/**
 * The least number of changes that make one text of the other: a character is added, removed or
 * replaced, or two neighbours are swapped.
 *
 * @see "optimal string alignment distance", a restricted Damerau-Levenshtein distance
 */
function editDistance(one: string, other: string): number {
  let beforeLast: readonly number[] = [];
  let last: readonly number[] = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let i = 0; i < one.length; i += 1) {
    const row = [i + 1];
    for (let j = 0; j < other.length; j += 1) {
      const replaced = (last[j] ?? 0) + (one[i] === other[j] ? 0 : 1);
      const isSwapped = i > 0 && j > 0 && one[i] === other[j - 1] && one[i - 1] === other[j];
      const swapped = isSwapped ? (beforeLast[j - 1] ?? 0) + 1 : Infinity;
      row.push(Math.min(replaced, swapped, (last[j + 1] ?? 0) + 1, (row[j] ?? 0) + 1));
    }
    beforeLast = last;
    last = row;
  }
  return last[other.length] ?? 0;
}
