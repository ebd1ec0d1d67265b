/** Variables by which programs are given a proxy. */
type Environment = Readonly<Record<string, string | undefined>>;

const NAMES = /^(https?|all|grpc)_proxy$/i;

/** The variables that name a proxy and are set. */
export function proxyVariables(env: Environment): readonly string[] {
  return Object.keys(env)
    .filter((name) => NAMES.test(name) && (env[name] ?? '') !== '')
    .sort();
}

/** The environment of a process that only talks to this machine. */
export function withoutProxy(env: Environment): Environment {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !NAMES.test(name)));
}
