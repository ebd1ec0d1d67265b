/** Certificates as a cluster's owner would make them, with openssl. */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

/** Paths of PEM files. */
export interface Pair {
  readonly cert: string;
  readonly key: string;
}

export interface Authority extends Pair {
  /** **Shape** `names`: what a server's certificate is for, as `DNS:…` or `IP:…`; `days`: below 0 it has expired. */
  issue(name: string, options?: { readonly names?: string; readonly days?: number }): Pair;
}

export function createAuthority(folder: string, name: string): Authority {
  const ca = { cert: path.join(folder, `${name}.pem`), key: path.join(folder, `${name}.key`) };
  openssl('req', '-x509', ...NEW_KEY, ca.key, '-out', ca.cert, '-days', '2', ...subject(name));
  return {
    ...ca,
    issue: (leaf, { names = `DNS:${leaf}`, days = 1 } = {}) => {
      const file = (ending: string): string => path.join(folder, `${name}-${leaf}.${ending}`);
      const pair = { cert: file('pem'), key: file('key') };
      openssl('req', '-new', ...NEW_KEY, pair.key, '-out', file('csr'), ...subject(leaf));
      fs.writeFileSync(file('ext'), `subjectAltName=${names}\n`);
      const signing = ['-CA', ca.cert, '-CAkey', ca.key, '-CAcreateserial', '-days', String(days)];
      const files = ['-in', file('csr'), '-extfile', file('ext'), '-out', pair.cert];
      openssl('x509', '-req', ...files, ...signing);
      return pair;
    },
  };
}

const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout'];

function subject(name: string): readonly string[] {
  return ['-subj', `/CN=${name}`];
}

function openssl(...words: readonly string[]): void {
  execFileSync('openssl', words, { stdio: ['ignore', 'ignore', 'pipe'] });
}
