/** Finds the reason that a server gives for a refusal, for the `detail` of an image. */
import { headerOf } from '../answer';
import type { Exchange } from '../exchange';
import { reasonInBody } from './body-text';
import { describeChallenge } from './challenge';
import { secretValues, withoutSecretValues, type SecretSources } from './secret-values';

/**
 * Headers with the reason, where the body has none: of Cloudinary, Cloudflare Images, Azure Blob
 * Storage, websites of S3, and hosts behind Cloudflare that want to be paid.
 */
const REASON_HEADERS = [
  'x-cld-error',
  'cf-resized',
  'x-ms-error-code',
  'x-amz-error-message',
  'crawler-price',
];

/** The most bytes of the server's text that are kept. */
const MAX_REASON_BYTES = 200;

/** The text of the body's beginning. `isCut` is true when the body was longer. */
interface BodyText {
  readonly text: string;
  readonly isCut: boolean;
}

/**
 * Returns for example `: Please set a user-agent (server: cloudflare)`; empty if nothing is known.
 */
export function answerReason(
  response: Pick<Exchange, 'headers' | 'statusCode'>,
  body: BodyText,
  sources: SecretSources,
): string {
  const text = reasonInBody(body.text) ?? reasonInHeaders(response);
  const challenge = describeChallenge(response, body.text);
  if (text === null && challenge === null) return '';
  const secrets = secretValues(sources);
  const clean = (part: string): string => withoutSecretValues(part, secrets, body).trim();
  const reason = text === null ? '' : cutBytes(clean(text));
  return [
    ...(reason === '' ? [] : [`: ${reason}`]),
    ...(challenge === null ? [] : [` (${clean(challenge)})`]),
  ].join('');
}

/** For example `x-cld-error: Resource not found`; null without such a header. */
function reasonInHeaders(response: Pick<Exchange, 'headers' | 'statusCode'>): string | null {
  for (const name of REASON_HEADERS) {
    const value =
      headerOf(response, name)
        ?.replace(/[^\x20-\x7e]+/g, ' ')
        .trim() ?? '';
    if (value !== '') return `${name}: ${value}`;
  }
  return null;
}

function cutBytes(text: string): string {
  const bytes = Buffer.from(text, 'utf8');
  if (bytes.length <= MAX_REASON_BYTES) return text;
  return bytes.toString('utf8', 0, MAX_REASON_BYTES).replace(/\ufffd+$/, '');
}
