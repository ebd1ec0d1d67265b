/**
 * The two loops of the walk that see every byte and every symbol, for WebAssembly, where 64 bits of
 * the file fit into one register. bin/build.js compiles this file; its language is AssemblyScript.
 *
 * `../scan-memory.ts` calls the functions and fills the tables, whose layout it shares.
 *
 * @see ../sequential-scan.ts, which has the same loop for where there is no WebAssembly.
 */

/** The address where `readInterval` writes how many bytes it has read. */
const READ_BYTES: usize = 0;

/** Offsets within a table, in bytes: the arrays of `HuffmanTable`, with 17 limits and offsets. */
const LIMITS: usize = 1024;
const OFFSETS: usize = LIMITS + 4 * 17;
const ENTRIES: usize = OFFSETS + 4 * 17;
const INVALID: usize = ENTRIES + 2 * 256;

/** How many bits are looked up at once, and the most bits of a code. */
const LOOKAHEAD_BITS: u32 = 9;
const MAX_CODE_BITS: u32 = 16;

/** A step has its bits of the file in the low five bits, and its coefficients above them. */
const STEP_BITS: u32 = 5;
const STEP_MASK: u32 = 31;
const COEFFICIENTS: u32 = 64;
const END_OF_BLOCK: u32 = 4 * COEFFICIENTS;

const TOO_LITTLE_DATA: i32 = -1;
const NO_BLOCK: i32 = -2;

const MARKER: u8 = 0xff;
const LOW_BITS: u64 = 0x0101010101010101;
const HIGH_BITS: u64 = 0x8080808080808080;

/**
 * Copies bytes of a scan without stuffed zeros, up to a marker, or up to a byte FF at the end.
 *
 * @returns the number of bytes written to `to`; {@link READ_BYTES} has the number of bytes read.
 */
export function readInterval(from: usize, count: i32, to: usize): i32 {
  const end = from + count;
  let input = from;
  let output = to;
  while (input < end) {
    if (input + 8 <= end) {
      const eight = load<u64>(input);
      // A byte FF is a zero byte of the complement.
      const complement = ~eight;
      if (((complement - LOW_BITS) & eight & HIGH_BITS) === 0) {
        store<u64>(output, eight);
        input += 8;
        output += 8;
        continue;
      }
    }
    const byte = load<u8>(input);
    if (byte === MARKER) {
      if (input + 1 === end || load<u8>(input + 1) !== 0) break;
      input += 1;
    }
    store<u8>(output, byte);
    output += 1;
    input += 1;
  }
  store<i32>(READ_BYTES, (input - from) as i32);
  return (output - to) as i32;
}

/** The entry of a code that is longer than the look-up. `next` holds the next 16 bits. */
function longEntry(table: usize, next: u32): u32 {
  for (let length = LOOKAHEAD_BITS + 1; length <= MAX_CODE_BITS; length += 1) {
    if (next < load<u32>(table + LIMITS + 4 * length)) {
      const code = next >>> (MAX_CODE_BITS - length);
      const index = code + load<u32>(table + OFFSETS + 4 * length);
      return load<u16>(table + ENTRIES + 2 * index);
    }
  }
  return load<u32>(table + INVALID);
}

function stepOf(table: usize, bits: u64): u32 {
  const index = (bits >>> (64 - LOOKAHEAD_BITS)) as usize;
  const step: u32 = load<u16>(table + 2 * index);
  return step !== 0 ? step : longEntry(table, (bits >>> (64 - MAX_CODE_BITS)) as u32);
}

/** The offset of a bit: of the bytes that were taken, `left` bits are still to be used. */
function offsetOf(bytes: usize, left: u32): i32 {
  return ((bytes as i32) << 3) - (left as i32);
}

/**
 * Walks the blocks of `mcuCount` MCUs. Up to 1,024 bytes behind the data may be read.
 *
 * @param blocks the address of two addresses for each block of an MCU: of its DC and AC table.
 * @returns the offset of the bit after the MCUs; {@link TOO_LITTLE_DATA} or {@link NO_BLOCK}.
 */
export function walkMcus(
  data: usize,
  bitCount: i32,
  mcuCount: i32,
  blocks: usize,
  blockCount: i32,
): i32 {
  const end = blocks + 8 * blockCount;
  // The next bits of the file, from the highest bit on, how many they are, and what follows them.
  let bits: u64 = 0;
  let count: u32 = 0;
  let next = data;
  for (let mcu = 0; mcu < mcuCount; mcu += 1) {
    for (let block = blocks; block < end; block += 8) {
      const dc: usize = load<u32>(block);
      const ac: usize = load<u32>(block, 4);
      let table = dc;
      let coefficient: u32 = 0;
      while (coefficient < COEFFICIENTS) {
        // No step has more than 31 bits.
        if (count < 32) {
          bits |= (bswap<u32>(load<u32>(next)) as u64) << (32 - count);
          next += 4;
          count += 32;
        }
        const step = stepOf(table, bits);
        table = ac;
        bits <<= step & STEP_MASK;
        count -= step & STEP_MASK;
        coefficient += step >>> STEP_BITS;
      }
      if (coefficient !== COEFFICIENTS && coefficient < END_OF_BLOCK) return NO_BLOCK;
      if (offsetOf(next - data, count) > bitCount) return TOO_LITTLE_DATA;
    }
  }
  return offsetOf(next - data, count);
}
