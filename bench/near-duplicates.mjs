/**
 * Near duplicates among many hashes, and visual groups of as many looks: CPU time, and the memory of the process beyond what the hashes themselves take.
 *
 *   node bench/near-duplicates.mjs [COUNT]
 *
 * Of the made hashes nine in ten are random; the others are one of a twentieth of these with 0 to 7 bits of the short hash and up to
 * 31 of the long one changed.
 */
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const { createHashSet } = require('../dist/clusters/hash-set.js');
const { nearGroups } = require('../dist/clusters/near-groups.js');
const { visualGroups } = require('../dist/clusters/visual-groups.js');

const count = Number(process.argv[2] ?? 1_000_000);

let state = 12_345;
function random() {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return state >>> 0;
}

function made() {
  const set = createHashSet(count);
  const alone = Math.floor(count * 0.9);
  const flip = (words, at, bit) => {
    words[at + (bit >>> 5)] ^= 1 << (bit & 31);
  };
  for (let n = 0; n < count; n += 1) {
    const parent = n < alone ? null : random() % Math.ceil(count / 20);
    for (let word = 0; word < 8; word += 1)
      set.pdq[8 * n + word] = parent === null ? random() : set.pdq[8 * parent + word];
    set.low[n] = parent === null ? random() : set.low[parent];
    set.high[n] = parent === null ? random() : set.high[parent];
    if (parent === null) continue;
    for (let flips = random() % 8; flips > 0; flips -= 1) {
      const bit = random() % 64;
      flip(bit < 32 ? set.low : set.high, n, bit & 31);
    }
    for (let flips = random() % 32; flips > 0; flips -= 1) flip(set.pdq, 8 * n, random() % 256);
  }
  return set;
}

/** The result of some work, its CPU seconds, and the highest memory of the process after it. */
function measured(work) {
  const [before, start] = [process.cpuUsage(), performance.now()];
  const result = work();
  const { user, system } = process.cpuUsage(before);
  return {
    result,
    cpuSeconds: Number(((user + system) / 1e6).toFixed(2)),
    seconds: Number(((performance.now() - start) / 1e3).toFixed(2)),
    peakMb: Math.round(process.resourceUsage().maxRSS / 1_000),
  };
}

const set = made();
const qualities = new Uint8Array(count).fill(100);
const { result, ...near } = measured(() => nearGroups(set, qualities));
const members = result.representatives.reduce(
  (sum, representative, n) => sum + (representative === n ? 0 : 1),
  0,
);

// 400 kinds of looks, with noise.
const kinds = Int8Array.from({ length: 400 * 64 }, () => (random() % 200) - 100);
const looks = new Int8Array(count * 64);
for (let n = 0; n < count; n += 1) {
  const kind = 64 * (random() % 400);
  for (let at = 0; at < 64; at += 1) looks[64 * n + at] = kinds[kind + at] + (random() % 41) - 20;
}
const { result: groups, ...visual } = measured(() => visualGroups(looks));
const groupCount = new Set(Array.from(groups.outer, (outer, n) => 32 * outer + groups.inner[n]))
  .size;
console.log(
  JSON.stringify({ count, near: { ...near, members }, visual: { ...visual, groupCount } }),
);
