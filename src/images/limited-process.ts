/**
 * Options for starting a decoder process: a limit on all of its memory, and an environment without
 * secrets.
 */
import type { ForkOptions } from 'node:child_process';
import fs from 'node:fs';

/**
 * The limits on the JavaScript heap and on the data segment of the whole process, because pixels
 * are outside of the heap. Images of 100 MP, the largest that are allowed, were measured to need
 * 0.47 GB for an interlaced PNG, and 0.86 GB for a PNG of 16 bits and for a progressive JPEG in
 * CMYK.
 */
const HEAP_MB = 256;
const DATA_LIMIT_KIB = 2 * 1_024 * 1_024;

/**
 * Sets RLIMIT_DATA rather than RLIMIT_AS, because Node reserves over a gigabyte of addresses that
 * it never uses, and disables core dumps. A lower limit that applies already remains.
 */
const LIMIT_AND_EXEC = `ulimit -c 0; ulimit -d ${DATA_LIMIT_KIB} 2>/dev/null; exec "$0" "$@"`;

const SHELL = '/bin/sh';

/**
 * Options for `fork`. The process has a process group of its own, so that Ctrl-C in a terminal does
 * not end decoders that a flush still needs.
 */
export function limitedProcessOptions(): ForkOptions {
  const heap = `--max-old-space-size=${HEAP_MB}`;
  return {
    detached: true,
    env: { VIPS_BLOCK_UNTRUSTED: '1' },
    ...(canLimitMemory()
      ? { execPath: SHELL, execArgv: ['-c', LIMIT_AND_EXEC, process.execPath, heap] }
      : { execArgv: [heap] }),
  };
}

/**
 * Only Linux limits the memory that was written to. Elsewhere only pixels, time and the JavaScript
 * heap are limited.
 */
function canLimitMemory(): boolean {
  return process.platform === 'linux' && fs.existsSync(SHELL);
}
