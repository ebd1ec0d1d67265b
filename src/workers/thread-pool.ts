/**
 * How many threads libuv's pool has. They wait for the disk, one call each: while a slow disk syncs one file, the others' syncs join the
 * same journal commit. Imported first by the roots, for the pool is made with its first use.
 *
 * @see docs/decisions/0047-group-commit.md
 */

/** What a thread costs until it is used: 8 kB of memory, and its stack's addresses. */
const THREADS = 64;

process.env.UV_THREADPOOL_SIZE ??= String(THREADS);
