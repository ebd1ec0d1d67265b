/** Servers of the table that speak TLS, most of them with a fault. */
import {
  chainOf,
  createAuthority,
  createIntermediate,
  type Authority,
} from '../helpers/cluster/certificates';
import type { ServerOptions } from '../helpers/hosts/lying-server';

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
  | 'TLS 1.1 only';

export type SecureListeners = Readonly<Record<SecureListener, ServerOptions>>;

const names = 'IP:127.0.0.1';

/** `authority` is the one that the worker trusts. */
export function makeSecureListeners(authority: Authority, folder: string): SecureListeners {
  const intermediate = createIntermediate(folder, authority, 'intermediate');
  const stranger = createAuthority(folder, 'stranger');
  const good = { certificate: authority.issue('good', { names }) };
  const below = intermediate.issue('below', { names });
  const strange = stranger.issue('strange', { names });
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
  };
}
