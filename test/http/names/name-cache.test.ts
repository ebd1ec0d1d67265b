/** How long failures of look-ups are valid, with time that passes as it does. */
import { setTimeout as delay } from 'node:timers/promises';
import { NameCache, type CachedAnswer } from '../../../src/http/names/name-cache';

/** Longer than the first failure is valid, and shorter than the first pause between two tries. */
const UNTIL_NEXT_TRY_MS = 230;

function failureAfter(elapsedMs: number, code: string): CachedAnswer {
  return { answer: { kind: 'failed', code }, elapsedMs, hasConnected: false };
}

/** How often the name servers are queried for two tries of an image with a pause between them. */
async function queriesOfTwoTries(failure: CachedAnswer): Promise<number> {
  const cache = new NameCache();
  let queries = 0;
  const lookUp = (): Promise<CachedAnswer> => {
    queries += 1;
    return Promise.resolve(failure);
  };
  await cache.answerOf('images.example', lookUp);
  await delay(UNTIL_NEXT_TRY_MS);
  await cache.answerOf('images.example', lookUp);
  return queries;
}

describe('the next try of an image', () => {
  it.each(['ESERVFAIL', 'EREFUSED'])(
    'queries again after %s, also when that answer came late',
    async (code) => {
      expect(await queriesOfTwoTries(failureAfter(1_500, code))).toBe(2);
    },
  );

  it('does not wait again for a name server that was silent for longer', async () => {
    expect(await queriesOfTwoTries(failureAfter(1_500, 'ETIMEOUT'))).toBe(1);
  });
});
