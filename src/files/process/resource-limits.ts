/** Limits that the operating system keeps for a child process and all its threads. */
import type { ForkOptions } from 'node:child_process';
import fs from 'node:fs';

export interface ResourceLimits {
  /** JavaScript heap, in MB. */
  readonly heapMb: number;
  /** Memory that was written to, pixels and DuckDB's included, in KiB. */
  readonly dataKib: number;
  /** The largest file that may be written, in bytes; 0 for none. By default without a limit. */
  readonly fileBytes?: number;
  /** Processor time, in seconds. By default without a limit. */
  readonly cpuSeconds?: number;
}

const SHELL = '/bin/sh';

/** The unit of `ulimit -f` in POSIX, in bytes. */
const BLOCK = 512;

/** Only Linux limits the memory that was written to. Elsewhere only the heap is limited. */
export function canLimitResources(): boolean {
  return process.platform === 'linux' && fs.existsSync(SHELL);
}

/**
 * Options for `fork`: a shell sets the limits and becomes the process. It sets RLIMIT_DATA rather
 * than RLIMIT_AS, because Node reserves over a gigabyte of addresses that it never uses, and
 * disables core dumps. A lower limit of memory that applies already remains. Limits of files and of
 * time are promises to users: without them the process does not start.
 */
export function limitedExec(limits: ResourceLimits): Pick<ForkOptions, 'execPath' | 'execArgv'> {
  const { heapMb, dataKib, fileBytes, cpuSeconds } = limits;
  const heap = `--max-old-space-size=${heapMb}`;
  if (!canLimitResources()) return { execArgv: [heap] };
  const required = [
    ...(fileBytes === undefined ? [] : [`ulimit -f ${Math.ceil(fileBytes / BLOCK)}`]),
    ...(cpuSeconds === undefined ? [] : [`ulimit -t ${cpuSeconds}`]),
    'exec "$0" "$@"',
  ];
  const script = `ulimit -c 0; ulimit -d ${dataKib} 2>/dev/null; ${required.join(' && ')}`;
  return { execPath: SHELL, execArgv: ['-c', script, process.execPath, heap] };
}
