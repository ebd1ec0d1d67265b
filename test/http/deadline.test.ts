/** The minimum rate of a body holds while it arrives, and not while it is decoded. */
import { setTimeout as delay } from 'node:timers/promises';
import { startDeadline } from '../../src/http/deadline';

/** The rate is checked after ten seconds, once a second. */
const AFTER_THE_CHECK_MS = 12_500;

it('a body that stays below the minimum rate expires, and a small one that has arrived does not', async () => {
  const options = { seconds: 60, signal: new AbortController().signal };
  const slow = startDeadline(options);
  const whole = startDeadline(options);
  for (const deadline of [slow, whole]) deadline.count(200);
  whole.received();
  await delay(AFTER_THE_CHECK_MS);
  expect(slow.reason()).toMatchObject({ code: 'timeout' });
  expect(whole.reason()).toBeNull();
  for (const deadline of [slow, whole]) deadline.clear();
});
