/** When a host that never answered is judged, by attempts that take longer than the gaps. */
import { setTimeout as delay } from 'node:timers/promises';
import { FirstContact } from '../../../../src/download/hosts/outages/first-contact';
import { FetchFailure } from '../../../../src/http/failures/fetch-failure';

/** The gaps between attempts are 100 and 200 ms with it, and an attempt of 800 ms is long. */
const FIRST_PAUSE_MS = 1_500;
/** Longer than the first gap, and not long. */
const ATTEMPT_MS = 120;

const failure = new FetchFailure('dns', 'the name server failed (ESERVFAIL)');

function createContact(): FirstContact {
  return new FirstContact({
    firstPauseMs: FIRST_PAUSE_MS,
    judgeNetwork: () => Promise.resolve('host'),
  });
}

async function failOnce(contact: FirstContact): Promise<void> {
  const attempt = await contact.enter();
  await delay(ATTEMPT_MS);
  attempt.failed('image', failure);
}

describe('a host that has not answered, whose attempts take longer than the gaps', () => {
  it('is not given up while its only image pauses before the next attempt', async () => {
    const contact = createContact();
    await failOnce(contact);
    await delay(ATTEMPT_MS);
    expect(contact.givenUp()).toBeNull();
    (await contact.enter()).answered();
    expect(contact.isAlive()).toBe(true);
  });

  it('is given up when its only image has no attempt left', async () => {
    const contact = createContact();
    await failOnce(contact);
    await contact.waitForVerdict();
    expect(contact.givenUp()?.message).toContain('the one attempt');
  });
});
