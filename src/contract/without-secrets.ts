/**
 * Removes secrets from text that leaves a process: the userinfo and query of URLs, the credentials
 * of an authorization header, and known values.
 */

const URL_IN_TEXT = /\b([a-z][a-z0-9+.-]*:\/\/)([^\s/?#]*@)?([^\s?#]*)\S*/gi;

/**
 * In JSON text a URL ends with the string that contains it, and escaped quotes belong to the URL.
 */
const URL_IN_JSON =
  /\b([a-z][a-z0-9+.-]*:\/\/)((?:[^\s/?#"\\]|\\[^nrt])*@)?((?:[^\s?#"\\]|\\[^nrt])*)(?:[^\s"\\]|\\[^nrt])*/gi;

const CREDENTIALS = /\b(Bearer|Basic) +[\w.~+/=-]+/gi;

/** The text that replaces a secret. */
export const REDACTED = '[secret]';

/**
 * The secrets of this process. They look like any other text, so each is registered as soon as it
 * is read.
 */
const knownSecrets = new Set<string>();

/**
 * The shortest secret that is registered, in characters. A shorter one would remove ordinary words
 * from every line.
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

/** Does the same for one line of JSON, which stays valid JSON. */
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
