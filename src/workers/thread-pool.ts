/**
 * Sets the number of threads in libuv's pool. Each of them waits for one call to the disk: while a
 * slow disk syncs one file, the syncs of other files join the same journal commit. The program's
 * entry points import this module first, because the pool is created when it is first used.
 *
 * @see docs/decisions/0047-group-commit.md
 */

/** An unused thread costs 8 kB of memory and the addresses of its stack. */
const THREADS = 64;

process.env.UV_THREADPOOL_SIZE ??= String(THREADS);
