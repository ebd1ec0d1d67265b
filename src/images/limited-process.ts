/** How a decoder process is started: with a limit on all of its memory, and nothing in it worth stealing. */
import type { ForkOptions } from 'node:child_process';
import fs from 'node:fs';

/**
 * JavaScript's share, and what a whole process may have written to: pixels live outside of JavaScript. Measured at 100 MP, all that
 * is allowed: 0.47 GB for an interlaced PNG, 0.86 GB for one of 16 bits and for a progressive JPEG in CMYK.
 *
 * **Units** MB; KiB.
 */
const HEAP_MB = 256;
const MEMORY_KIB = 2 * 1_024 * 1_024;

/**
 * RLIMIT_DATA, not RLIMIT_AS: Node reserves over a gigabyte of addresses that it never uses. No dump of memory when it crashes.
 * A limit that is narrower already stays.
 */
const LIMITED = `ulimit -c 0; ulimit -d ${MEMORY_KIB} 2>/dev/null; exec "$0" "$@"`;

const SHELL = '/bin/sh';

/** Options for `fork`: in a group of its own, so that Ctrl-C in the terminal does not take the decoders away from a flush. */
export function limitedProcess(): ForkOptions {
  const heap = `--max-old-space-size=${HEAP_MB}`;
  return {
    detached: true,
    env: { VIPS_BLOCK_UNTRUSTED: '1' },
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    ...(canLimit()
      ? { execPath: SHELL, execArgv: ['-c', LIMITED, process.execPath, heap] }
      : { execArgv: [heap] }),
  };
}

/** Only Linux counts what is written to: elsewhere pixels and time are limited, and JavaScript's share. */
function canLimit(): boolean {
  return process.platform === 'linux' && fs.existsSync(SHELL);
}
