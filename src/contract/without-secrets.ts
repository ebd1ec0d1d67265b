/**
 * Removes secrets from text that leaves a process: userinfo and query of URLs, credentials of an
 * authorization header, known values.
 */

const URL_IN_TEXT = /\b([a-z][a-z0-9+.-]*:\/\/)([^\s/?#]*@)?([^\s?#]*)\S*/gi;

/** In JSON text a URL ends with its string, and escaped quotes belong to it. */
const URL_IN_JSON =
  /\b([a-z][a-z0-9+.-]*:\/\/)((?:[^\s/?#"\\]|\\[^nrt])*@)?((?:[^\s?#"\\]|\\[^nrt])*)(?:[^\s"\\]|\\[^nrt])*/gi;

const CREDENTIALS = /\b(Bearer|Basic) +[\w.~+/=-]+/gi;

/** The text that replaces a secret. */
export const REDACTED = '[secret]';

/**
 * The secrets of this process. They look like any other text, and are registered as soon as they
 * are read.
 */
const knownSecrets = new Set<string>();

/**
 * The length from which a secret is registered, in characters. Shorter ones would remove ordinary
 * words from every line.
 */
const SHORTEST_SECRET = 6;

/** Registers a secret: from now on it is removed from all output. */
export function keepSecret(value: string): void {
  if (value.length >= SHORTEST_SECRET) knownSecrets.add(value);
}

export function withoutSecrets(text: string): string {
  const plain = text.replace(URL_IN_TEXT, '$1$3').replace(CREDENTIALS, `$1 ${REDACTED}`);
  return withoutValues(plain, [...knownSecrets]);
}

/** The same for one line of JSON, which stays JSON. */
export function withoutSecretsInJson(line: string): string {
  const plain = line.replace(URL_IN_JSON, '$1$3').replace(CREDENTIALS, `$1 ${REDACTED}`);
  return withoutValues(
    plain,
    [...knownSecrets].map((value) => JSON.stringify(value).slice(1, -1)),
  );
}

function withoutValues(text: string, values: readonly string[]): string {
  return values.reduce((rest, value) => rest.replaceAll(value, REDACTED), text);
}
