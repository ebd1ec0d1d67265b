/**
 * Describes in words why TLS failed, because OpenSSL's constants say little to a person who has to
 * act on them.
 */

export interface TlsFailure {
  readonly message: string;
  /**
   * True when the operator of the host usually corrects the fault within days, so that a later run
   * may succeed.
   */
  readonly isRetryable: boolean;
}

/** Certificate verification codes of OpenSSL that have no common prefix. */
const OTHER_VERIFICATION_CODES =
  /^(CRL_\w+|ERROR_IN_\w+|INVALID_(CA|PURPOSE|NON_CA)|PATH_LENGTH_EXCEEDED|SUBJECT_ISSUER_MISMATCH|AKID_\w+|KEYUSAGE_\w+|HOSTNAME_MISMATCH|EE_KEY_TOO_SMALL|CA_KEY_TOO_SMALL|CA_MD_TOO_WEAK|SELF_SIGNED_\w+|DEPTH_ZERO_\w+|UNABLE_TO_\w+|CERT_\w+|NO_EXPLICIT_POLICY)$/;

/**
 * Node's code for every error of a certificate that its list of codes lacks, such as a key that is
 * too weak. The error's message is OpenSSL's.
 */
const WITHOUT_CODE = 'UNSPECIFIED';

/** @see Node.js, TLS, "X509 certificate error codes"; OpenSSL, SSL_R_ reasons. */
export function isTlsCode(code: string): boolean {
  return (
    /^(ERR_TLS_.*|ERR_SSL_.*|EPROTO|ERR_OSSL.*)$/.test(code) ||
    OTHER_VERIFICATION_CODES.test(code) ||
    code === WITHOUT_CODE
  );
}

const GIVE_CERTIFICATE = 'NODE_EXTRA_CA_CERTS can name a file with';

const TOO_WEAK = 'the host uses a key or a signature that is too weak';

const INCOMPLETE_CHAIN =
  /^(UNABLE_TO_VERIFY_LEAF_SIGNATURE|UNABLE_TO_GET_ISSUER_CERT(_LOCALLY)?|CERT_CHAIN_INCOMPLETE)$/;

/** An alert that is about the host itself, such as a certificate that it has not loaded yet. */
const INTERNAL_ERROR = /ALERT_INTERNAL_ERROR$/;

const MESSAGES: readonly (readonly [RegExp, string])[] = [
  [/^CERT_HAS_EXPIRED$/, 'the certificate of the host, or one of its chain, has expired'],
  [
    /^CERT_NOT_YET_VALID$/,
    'the certificate of the host is not valid yet, or the clock of this machine is wrong',
  ],
  [
    INCOMPLETE_CHAIN,
    `the host does not send its intermediate certificate, or its authority is not known here; ${GIVE_CERTIFICATE} the missing one`,
  ],
  [/^DEPTH_ZERO_SELF_SIGNED_CERT$/, `the certificate is self-signed; ${GIVE_CERTIFICATE} it`],
  [
    /^SELF_SIGNED_CERT_IN_CHAIN$/,
    `the authority of the certificate is not known here; ${GIVE_CERTIFICATE} its own`,
  ],
  [/^CERT_REVOKED$/, 'the certificate was revoked'],
  [/TOO_(SMALL|WEAK)$/, TOO_WEAK],
  [
    /(ALERT_PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL|VERSION_TOO_LOW)$/,
    'the host speaks no TLS version that is accepted here (1.2 or 1.3)',
  ],
  [/NO_APPLICATION_PROTOCOL$/, 'the host speaks neither HTTP/1.1 nor HTTP/2'],
  [
    /(WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST|UNKNOWN_PROTOCOL|RECORD_LAYER_FAILURE)$/,
    'the port speaks no TLS, perhaps plain HTTP',
  ],
  [/UNRECOGNIZED_NAME$/, 'the host has no certificate for this name'],
  [/(CERTIFICATE_REQUIRED|ALERT_BAD_CERTIFICATE)$/, 'the host asks for a client certificate'],
  [/UNSAFE_LEGACY_RENEGOTIATION/, 'the host speaks only an outdated, unsafe form of TLS'],
  [
    /(HANDSHAKE_FAILURE|NO_SHARED_CIPHER|INSUFFICIENT_SECURITY)$/,
    'the host and this program have no cipher in common, or the host asks for a client certificate',
  ],
  [INTERNAL_ERROR, 'the host ended the TLS handshake for an error of its own'],
  [/_ALERT_/, 'the host ended the TLS handshake'],
];

/**
 * Codes of an expired certificate and of one that is not valid yet, which are corrected within
 * days.
 */
const USUALLY_CORRECTED = /^(CERT_HAS_EXPIRED|CERT_NOT_YET_VALID)$/;

/** Why a later run may succeed. */
const PASSING = [USUALLY_CORRECTED, INCOMPLETE_CHAIN, INTERNAL_ERROR];

/** Describes the failure. The text contains OpenSSL's code too, so that users can search for it. */
export function describeTlsFailure(code: string, error: Error): TlsFailure {
  const isRetryable = PASSING.some((pattern) => pattern.test(code));
  const searched = code === WITHOUT_CODE ? error.message : code;
  return { message: `${messageOf(code, error)} (${searched})`, isRetryable };
}

function messageOf(code: string, error: Error): string {
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return describeNames(error);
  if (code === WITHOUT_CODE)
    return /too (weak|small)/i.test(error.message)
      ? TOO_WEAK
      : 'the certificate of the host is not accepted';
  return MESSAGES.find(([pattern]) => pattern.test(code))?.[1] ?? 'the TLS connection failed';
}

/**
 * The most characters of the names in a certificate that are shown. There may be any number of
 * names, of any length.
 */
const MAX_NAMES_CHARACTERS = 120;

/** Lists the names in the certificate, which Node.js adds to its error. */
function describeNames(error: Error): string {
  const { host, cert } = error as { host?: unknown; cert?: { subjectaltname?: unknown } };
  const names = typeof cert?.subjectaltname === 'string' ? cert.subjectaltname : 'other names';
  const wanted = typeof host === 'string' ? host : 'this host';
  return `the certificate is for ${names.slice(0, MAX_NAMES_CHARACTERS)}, not for ${wanted}`;
}
