/**
 * The proxies that images are requested through, and the environment variables that name proxies.
 */
type Environment = Readonly<Record<string, string | undefined>>;

/** The proxy for each scheme of a requested URL; null for none. The URLs may contain a password. */
export interface ProxySettings {
  readonly http: string | null;
  readonly https: string | null;
  /** Hosts that are reached without a proxy, as in NO_PROXY. */
  readonly exceptions: readonly string[];
}

const VARIABLE = /^(https?|all|grpc)_proxy$/i;

/** Whether programs, including this one, take a proxy from this variable. */
export function isProxyVariable(name: string): boolean {
  return VARIABLE.test(name) || name === 'ARTEMIS_PROXY';
}

/** The variables that name a proxy for other programs and are set. */
export function proxyVariables(env: Environment): readonly string[] {
  return Object.keys(env)
    .filter((name) => VARIABLE.test(name) && (env[name] ?? '') !== '')
    .sort();
}

/** The environment for a process that connects only to this machine. */
export function withoutProxy(env: Environment): Environment {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !VARIABLE.test(name)));
}

/**
 * The proxies that the environment names. As in curl, a variable in lower case takes precedence,
 * and a proxy without a scheme is an http proxy.
 *
 * @returns an Error, which does not contain the value, for a variable that names no HTTP proxy.
 */
export function environmentProxies(env: Environment): ProxySettings | Error {
  const proxies: Record<'http' | 'https', string | null> = { http: null, https: null };
  for (const scheme of ['http', 'https'] as const) {
    const name = [`${scheme}_proxy`, `${scheme.toUpperCase()}_PROXY`].find(
      (variable) => (env[variable] ?? '') !== '',
    );
    if (name === undefined) continue;
    const url = withScheme(env[name] ?? '');
    if (!/^https?:\/\//i.test(url) || !URL.canParse(url))
      return new Error(
        `${name} names no HTTP proxy, and ARTEMIS_PROXY=environment uses it. Correct it, or name the proxy in ARTEMIS_PROXY.`,
      );
    proxies[scheme] = url;
  }
  const exceptions = [env.no_proxy, env.NO_PROXY].find((value) => (value ?? '') !== '') ?? '';
  return { ...proxies, exceptions: exceptions.split(/[\s,]+/).filter((entry) => entry !== '') };
}

/** The forms in which a proxy's password may appear. */
export function proxySecrets(value: string): readonly string[] {
  const text = withScheme(value);
  if (!URL.canParse(text)) return [];
  const { username, password } = new URL(text);
  if (password === '') return [];
  const [user, plain] = [username, password].map(decode);
  return [password, plain ?? '', Buffer.from(`${user ?? ''}:${plain ?? ''}`).toString('base64')];
}

function withScheme(value: string): string {
  return value.includes('://') ? value : `http://${value}`;
}

/** Decodes percent-encoding. A percent sign that begins no escape stands for itself. */
export function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
