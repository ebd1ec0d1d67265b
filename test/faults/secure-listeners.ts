/** Servers of the table that speak TLS, most of them with a fault. */
import {
  chainOf,
  createAuthority,
  createIntermediate,
  type Authority,
} from '../helpers/cluster/certificates';
import type { ServerOptions } from '../helpers/hosts/lying-server';

/** A record of TLS with a fatal alert. @see RFC 8446, section 6 */
const alert = (description: number): Buffer => Buffer.from([21, 3, 3, 0, 2, 2, description]);

/** What hosts send in the place of their part of a handshake. */
const ENDED_HANDSHAKES = {
  'reset in the handshake': 'reset',
  'closed in the handshake': Buffer.alloc(0),
  'the alert handshake_failure': alert(40),
  'the alert access_denied': alert(49),
  'the alert internal_error': alert(80),
  'the alert unrecognized_name': alert(112),
  'the first line of SSH': Buffer.from('SSH-2.0-OpenSSH_9.6\r\n'),
} as const;

export type SecureListener =
  | 'tls'
  | 'self-signed'
  | 'wrong host'
  | 'expired'
  | 'whole chain'
  | 'no intermediate'
  | 'expired, no intermediate'
  | 'unknown authority'
  | 'unknown authority, its root sent along'
  | 'TLS 1.1 only'
  | 'not valid yet'
  | 'a weak key'
  | 'a weak signature'
  | 'a client certificate wanted'
  | 'a client certificate wanted, TLS 1.2'
  | 'no version of HTTP'
  | keyof typeof ENDED_HANDSHAKES;

export type SecureListeners = Readonly<Record<SecureListener, ServerOptions>>;

const names = 'IP:127.0.0.1';

/** `authority` is the one that the worker trusts. */
export function makeSecureListeners(authority: Authority, folder: string): SecureListeners {
  const intermediate = createIntermediate(folder, authority, 'intermediate');
  const stranger = createAuthority(folder, 'stranger');
  const good = { certificate: authority.issue('good', { names }) };
  const below = intermediate.issue('below', { names });
  const strange = stranger.issue('strange', { names });
  const weak = { ciphers: 'ALL:@SECLEVEL=0' };
  const mutual = { requestCert: true, rejectUnauthorized: true };
  const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' } as const;
  return {
    tls: good,
    'wrong host': { certificate: authority.issue('wrong', { names: 'DNS:elsewhere.such' }) },
    expired: { certificate: authority.issue('expired', { names, days: -1 }) },
    'self-signed': { certificate: createAuthority(folder, 'nobody') },
    'whole chain': { certificate: chainOf(folder, below, intermediate) },
    'no intermediate': { certificate: below },
    'expired, no intermediate': { certificate: intermediate.issue('late', { names, days: -1 }) },
    'unknown authority': { certificate: strange },
    'unknown authority, its root sent along': { certificate: chainOf(folder, strange, stranger) },
    'TLS 1.1 only': { ...good, tls: old },
    'not valid yet': { certificate: authority.issue('later', { names, isForLater: true }) },
    'a weak key': {
      certificate: authority.issue('weak-key', { names, isWeak: 'key' }),
      tls: { ...weak, maxVersion: 'TLSv1.2' },
    },
    'a weak signature': {
      certificate: authority.issue('weak-signature', { names, isWeak: 'signature' }),
      tls: weak,
    },
    'a client certificate wanted': { ...good, tls: mutual },
    'a client certificate wanted, TLS 1.2': { ...good, tls: { ...mutual, maxVersion: 'TLSv1.2' } },
    'no version of HTTP': { ...good, tls: { ALPNProtocols: ['acme-tls/1'] } },
    ...endedHandshakes(),
  };
}

function endedHandshakes(): Readonly<Record<keyof typeof ENDED_HANDSHAKES, ServerOptions>> {
  const listeners = Object.entries(ENDED_HANDSHAKES).map(
    ([name, onlyAnswer]) => [name, { onlyAnswer }] as const,
  );
  return Object.fromEntries(listeners) as Record<keyof typeof ENDED_HANDSHAKES, ServerOptions>;
}
