/** Runs two pieces of work side by side. Neither continues after the other has failed. */
import { CancellationScope } from '@temporalio/workflow';

/**
 * Runs both to their end. When one fails, cancels the other and waits for it.
 *
 * @throws the first failure.
 */
export async function runTogether<A, B>(
  work: readonly [() => Promise<A>, () => Promise<B>],
): Promise<[A, B]> {
  const scope = new CancellationScope();
  const running = await scope.run(() => Promise.resolve({ first: work[0](), second: work[1]() }));
  const both = Promise.all([running.first, running.second]);
  try {
    return await both;
  } catch (error) {
    scope.cancel();
    await Promise.allSettled([running.first, running.second]);
    throw error;
  }
}
