/**
 * Sets the number of threads in libuv's pool. Each of them waits for one call to the disk: while a
 * slow disk syncs one file, the syncs of other files join the same journal commit. The program's
 * entry points import this module first, because the pool is created when it is first used.
 *
 * @see docs/decisions/0047-group-commit.md and docs/decisions/0053-storing-thread.md
 */

/**
 * Where a sync takes 20 ms and a change of a name 5 ms, an image keeps threads waiting for 50 ms
 * in all, so 128 threads store 2,560 images a second there. An unused thread costs 8 kB of memory
 * and the addresses of its stack.
 */
const THREADS = 128;

/**
 * `serve` syncs no files. DuckDB's queries run in these threads, and glibc gives each thread an
 * arena of memory that it keeps: with a million images, four threads need 70 MB less.
 */
const THREADS_OF_SERVE = 4;

/** The pool is in use before the command line is parsed. An option before the command hides it. */
const isServe = process.argv[2] === 'serve';

process.env.UV_THREADPOOL_SIZE ??= String(isServe ? THREADS_OF_SERVE : THREADS);
