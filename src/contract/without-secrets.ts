/** Takes secrets out of text that leaves a process: userinfo and query of URLs, credentials of an authorization header, known values. */

const URL_IN_TEXT = /\b([a-z][a-z0-9+.-]*:\/\/)([^\s/?#]*@)?([^\s?#]*)\S*/gi;

/** In JSON text a URL ends with its string; escaped quotes belong to it. */
const URL_IN_JSON =
  /\b([a-z][a-z0-9+.-]*:\/\/)((?:[^\s/?#"\\]|\\[^nrt])*@)?((?:[^\s?#"\\]|\\[^nrt])*)(?:[^\s"\\]|\\[^nrt])*/gi;

const CREDENTIALS = /\b(Bearer|Basic) +[\w.~+/=-]+/gi;

/** What stands for a secret. */
export const REDACTED = '[secret]';

/** Of this process: they look like any other text, and are known as soon as they are read. */
const known = new Set<string>();

/** Shorter ones would take words out of every line. **Units** characters. */
const SHORTEST_SECRET = 6;

/** From now on this value is shown nowhere. */
export function keepSecret(value: string): void {
  if (value.length >= SHORTEST_SECRET) known.add(value);
}

export function withoutSecrets(text: string): string {
  const plain = text.replace(URL_IN_TEXT, '$1$3').replace(CREDENTIALS, `$1 ${REDACTED}`);
  return withoutValues(plain, [...known]);
}

/** The same for one line of JSON, which stays JSON. */
export function withoutSecretsInJson(line: string): string {
  const plain = line.replace(URL_IN_JSON, '$1$3').replace(CREDENTIALS, `$1 ${REDACTED}`);
  return withoutValues(
    plain,
    [...known].map((value) => JSON.stringify(value).slice(1, -1)),
  );
}

function withoutValues(text: string, values: readonly string[]): string {
  return values.reduce((rest, value) => rest.replaceAll(value, REDACTED), text);
}
