/** Creates certificates with openssl, as the owner of a cluster would. */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

/** Paths of PEM files. */
export interface Pair {
  readonly cert: string;
  readonly key: string;
}

export interface Authority extends Pair {
  /**
   * Issues a certificate. `names` are the names for which a server's certificate is valid, as
   * `DNS:…` or `IP:…`. A certificate with `days` below 0 has expired, one with `isForLater` is not
   * valid yet, and one with `isAuthority` may issue others. `isWeak` names the part that no client
   * accepts any more.
   */
  issue(name: string, options?: IssueOptions): Pair;
}

interface IssueOptions {
  readonly names?: string;
  readonly days?: number;
  readonly isAuthority?: boolean;
  readonly isForLater?: boolean;
  readonly isWeak?: 'key' | 'signature';
}

export function createAuthority(folder: string, name: string): Authority {
  const ca = { cert: path.join(folder, `${name}.pem`), key: path.join(folder, `${name}.key`) };
  openssl('req', '-x509', ...NEW_KEY, ca.key, '-out', ca.cert, '-days', '2', ...subject(name));
  return authorityOf(folder, name, ca);
}

/** An authority whose own certificate was issued by another one. */
export function createIntermediate(folder: string, root: Authority, name: string): Authority {
  return authorityOf(folder, name, root.issue(name, { isAuthority: true }));
}

function authorityOf(folder: string, name: string, ca: Pair): Authority {
  return {
    ...ca,
    issue: (leaf, options = {}) => {
      const { names = `DNS:${leaf}`, days = 1, isAuthority = false, isWeak } = options;
      const file = (ending: string): string => path.join(folder, `${name}-${leaf}.${ending}`);
      const pair = { cert: file('pem'), key: file('key') };
      const newKey = isWeak === 'key' ? WEAK_KEY : NEW_KEY;
      openssl('req', '-new', ...newKey, pair.key, '-out', file('csr'), ...subject(leaf));
      const constraint = isAuthority ? 'basicConstraints=critical,CA:TRUE\n' : '';
      fs.writeFileSync(file('ext'), `subjectAltName=${names}\n${constraint}`);
      const files = ['-in', file('csr'), '-extfile', file('ext'), '-out', pair.cert];
      if (options.isForLater === true) issueForLater(folder, ca, files);
      else {
        const signing = ['-CA', ca.cert, '-CAkey', ca.key, '-CAcreateserial'];
        const digest = isWeak === 'signature' ? ['-sha1'] : [];
        openssl('x509', '-req', ...files, ...signing, ...digest, '-days', String(days));
      }
      return pair;
    },
  };
}

/** Only the command for whole authorities takes the date from which a certificate is valid. */
function issueForLater(folder: string, ca: Pair, files: readonly string[]): void {
  const config = path.join(folder, 'ca.cnf');
  const database = path.join(folder, 'ca-index.txt');
  fs.writeFileSync(database, '');
  fs.writeFileSync(
    config,
    `[ca]\ndefault_ca=a\n[a]\ndatabase=${database}\nnew_certs_dir=${folder}\ndefault_md=sha256\nrand_serial=yes\npolicy=p\n[p]\ncommonName=supplied\n`,
  );
  const signing = ['-config', config, '-cert', ca.cert, '-keyfile', ca.key, '-batch', '-notext'];
  const dates = ['-startdate', '20900101000000Z', '-enddate', '20910101000000Z'];
  openssl('ca', ...signing, ...dates, ...files);
}

/** A file with the certificates of a whole chain, the server's first. */
export function chainOf(folder: string, leaf: Pair, ...authorities: readonly Pair[]): Pair {
  const cert = path.join(
    folder,
    `${path.basename(leaf.cert, '.pem')}-chain-${authorities.length}.pem`,
  );
  const all = [leaf, ...authorities].map((one) => fs.readFileSync(one.cert, 'utf8'));
  fs.writeFileSync(cert, all.join(''));
  return { ...leaf, cert };
}

const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout'];
const WEAK_KEY = ['-newkey', 'rsa:512', '-nodes', '-keyout'];

function subject(name: string): readonly string[] {
  return ['-subj', `/CN=${name}`];
}

function openssl(...words: readonly string[]): void {
  execFileSync('openssl', words, { stdio: ['ignore', 'ignore', 'pipe'] });
}
