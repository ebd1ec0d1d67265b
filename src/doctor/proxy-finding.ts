/**
 * Reports which proxies are set, and which requests go through them. No value is shown, because it
 * may contain a password.
 */
import type { Config } from '../config';
import { proxyVariables } from '../contract/proxy-settings';
import { fine, type DoctorFinding } from './finding';

export function proxyFinding({ env, download }: Config): DoctorFinding {
  const what = 'proxy';
  const names = proxyVariables(env);
  if (download.proxy !== null) {
    const { http, https } = download.proxy;
    const schemes = [http === null ? [] : ['http'], https === null ? [] : ['https']].flat();
    const through = schemes.length === 0 ? 'no URL' : `URLs of ${schemes.join(' and ')}`;
    return fine(what, `images: ${through} (ARTEMIS_PROXY)${serverNote(names)}`);
  }
  if (names.length === 0) return fine(what, 'none is set');
  return fine(
    what,
    `${names.join(', ')} ${names.length === 1 ? 'is' : 'are'} set, and not used for images${serverNote(names)}`,
    'where images are reached only through it, set ARTEMIS_PROXY=environment',
  );
}

function serverNote(names: readonly string[]): string {
  const note =
    "; a configured Temporal server is reached as no_proxy says, the data root's own without";
  return names.length === 0 ? '' : note;
}
