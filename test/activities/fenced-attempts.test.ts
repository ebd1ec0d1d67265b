/** An attempt whose fence closed is retried, and does not count as a failure of the batch. */
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { failureInterceptor } from '../../src/activities/interceptors/failure-interceptor';
import { AttemptFenced, type FenceCode } from '../../src/download/attempt-fence';

const CODES: readonly FenceCode[] = ['server_silent', 'attempt_superseded', 'attempt_hung'];

async function failureOf(
  error: Error,
): Promise<{ readonly failure: unknown; readonly heartbeats: readonly unknown[] }> {
  const environment = new MockActivityEnvironment(
    { heartbeatDetails: { failures: 3, waitingSince: null } },
    {
      logger: new DefaultLogger('ERROR'),
      interceptors: [(context) => failureInterceptor(context, { lockPatienceSeconds: 60 })],
    },
  );
  const heartbeats: unknown[] = [];
  environment.on('heartbeat', (details) => heartbeats.push(details));
  const failure: unknown = await environment
    .run(() => Promise.reject(error))
    .catch((thrown: unknown) => thrown);
  return { failure, heartbeats };
}

it.each(CODES)(
  'an attempt ended by %s is retried although the batch has failed three times already',
  async (code) => {
    const { failure, heartbeats } = await failureOf(new AttemptFenced(code));
    expect(failure).toMatchObject({ type: code, nonRetryable: false, nextRetryDelay: '2s' });
    expect(heartbeats).toEqual([]);
  },
);

it('the fourth failure of the batch itself is final', async () => {
  const { failure, heartbeats } = await failureOf(new Error('broken'));
  expect(failure).toMatchObject({ nonRetryable: true });
  expect(heartbeats).toEqual([{ failures: 4, waitingSince: null }]);
});
