/**
 * Options for starting a decoder process: a limit on all of its memory, and an environment without
 * secrets.
 */
import type { ForkOptions } from 'node:child_process';
import { limitedExec } from '../files/process/resource-limits';

/**
 * The limits on the JavaScript heap and on the data segment of the whole process, because pixels
 * are outside of the heap. Images of 100 MP, the largest that are allowed, were measured to need
 * 0.47 GB for an interlaced PNG, and 0.86 GB for a PNG of 16 bits and for a progressive JPEG in
 * CMYK.
 */
const LIMITS = { heapMb: 256, dataKib: 2 * 1_024 * 1_024 };

/**
 * Options for `fork`. The process has a process group of its own, so that Ctrl-C in a terminal does
 * not end decoders that a flush still needs.
 */
export function limitedProcessOptions(): ForkOptions {
  return { detached: true, env: { VIPS_BLOCK_UNTRUSTED: '1' }, ...limitedExec(LIMITS) };
}
