/** Takes secrets out of text that leaves a process: userinfo and query of URLs, credentials of an authorization header. */

const URL_IN_TEXT = /\b([a-z][a-z0-9+.-]*:\/\/)([^\s/?#]*@)?([^\s?#]*)\S*/gi;

/** In JSON text a URL ends with its string; escaped quotes belong to it. */
const URL_IN_JSON =
  /\b([a-z][a-z0-9+.-]*:\/\/)((?:[^\s/?#"\\]|\\[^nrt])*@)?((?:[^\s?#"\\]|\\[^nrt])*)(?:[^\s"\\]|\\[^nrt])*/gi;

const CREDENTIALS = /\b(Bearer|Basic) +[\w.~+/=-]+/gi;

/** What stands for a secret. */
export const REDACTED = '[secret]';

export function withoutSecrets(text: string): string {
  return text.replace(URL_IN_TEXT, '$1$3').replace(CREDENTIALS, `$1 ${REDACTED}`);
}

/** The same for one line of JSON, which stays JSON; `secrets` are known by their values. */
export function withoutSecretsInJson(line: string, secrets: readonly string[]): string {
  const plain = line.replace(URL_IN_JSON, '$1$3').replace(CREDENTIALS, `$1 ${REDACTED}`);
  return secrets.reduce(
    (text, secret) => text.replaceAll(JSON.stringify(secret).slice(1, -1), REDACTED),
    plain,
  );
}
