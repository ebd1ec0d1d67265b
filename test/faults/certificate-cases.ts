/**
 * Section N28: what TLS refuses, described in words, and which of it a later run requests again.
 */
import { reply } from '../helpers/hosts/lying-server';
import { fails, failsForNow, stored, type Expected, type FaultCase } from './fault-case';
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
  ['not valid yet', later('not valid yet, or the clock of this machine is wrong')],
  ['a weak key', never('a key or a signature that is too weak')],
  ['a weak signature', never('a key or a signature that is too weak')],
  ['a client certificate wanted, TLS 1.2', never('asks for a client certificate')],
  ['no version of HTTP', never('speaks neither HTTP/1.1 nor HTTP/2')],
  ['reset in the handshake', failsForNow('connect', { requests: 0 })],
  ['closed in the handshake', failsForNow('connect', { requests: 0 })],
  ['the alert handshake_failure', never('no cipher in common')],
  ['the alert access_denied', never('the host ended the TLS handshake')],
  ['the alert internal_error', later('the host ended the TLS handshake for an error of its own')],
  ['the alert unrecognized_name', never('no certificate for this name')],
  ['the first line of SSH', never('the port speaks no TLS')],
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
    what: 'a client certificate wanted, as TLS 1.3 reports it behind the handshake',
    listener: 'a client certificate wanted',
    serve: good,
    // It is written, and never reaches the server.
    expected: fails('tls', { requests: 1, detail: 'the host asks for a client certificate' }),
    elsewhere: 1,
  },
  {
    row: 'N28',
    what: 'https to a port that speaks plain HTTP',
    url: ({ port }) => `https://127.0.0.1:${port}/case`,
    serve: good,
    expected: never('the port speaks no TLS'),
  },
];
