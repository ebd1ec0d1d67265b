/**
 * Section N28: what TLS refuses, described in words, and which of it a later run requests again.
 */
import { reply } from '../helpers/hosts/lying-server';
import { fails, stored, type Expected, type FaultCase } from './fault-case';
import type { SecureListener } from './secure-listeners';

const good: FaultCase['serve'] = ({ jpeg }) => reply('200 OK', {}, jpeg);

/** Fails so that a later run requests the image again, but not this run. */
const later = (detail: string): Expected => fails('tls', { retryable: true, requests: 0, detail });
const never = (detail: string): Expected => fails('tls', { requests: 0, detail });

const refused: readonly (readonly [SecureListener, Expected])[] = [
  ['expired', later('has expired (CERT_HAS_EXPIRED)')],
  ['no intermediate', later('intermediate certificate')],
  ['expired, no intermediate', later('has expired')],
  ['unknown authority', later('NODE_EXTRA_CA_CERTS')],
  ['unknown authority, its root sent along', never('authority of the certificate is not known')],
  ['self-signed', never('self-signed')],
  ['wrong host', never('the certificate is for DNS:elsewhere.such, not for 127.0.0.1')],
  ['TLS 1.1 only', never('no TLS version that is accepted here')],
];

export const certificateCases: readonly FaultCase[] = [
  { row: 'N28', what: 'a whole chain', listener: 'whole chain', serve: good, expected: stored() },
  ...refused.map(([listener, expected]): FaultCase => ({
    row: 'N28',
    what: `a certificate: ${listener}`,
    ...{ listener, serve: good, expected },
  })),
  {
    row: 'N28',
    what: 'https to a port that speaks plain HTTP',
    url: ({ port }) => `https://127.0.0.1:${port}/case`,
    serve: good,
    expected: never('the port speaks no TLS'),
  },
];
