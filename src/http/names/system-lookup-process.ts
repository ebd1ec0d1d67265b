/**
 * The helper process of system-lookup.ts: calls getaddrinfo, which may hang, and ends with its
 * parent.
 */
import dns from 'node:dns';
import type { SystemAnswer, SystemQuestion } from './system-lookup';

process.on('message', ({ id, name }: SystemQuestion) => {
  dns.lookup(name, { all: true }, (error, found) => {
    const addresses = error === null ? found.map(({ address }) => address) : [];
    const answer: SystemAnswer = { id, addresses };
    process.send?.(answer, () => undefined);
  });
});

// An orderly exit would wait for hanging look-ups.
process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'));
