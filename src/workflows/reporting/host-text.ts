/** Hosts that are waited for, in words. */
import type { DownloadProgress, HostWait, LanePause } from '../../contract/download';
import { moment } from '../../contract/markdown';
import { NETWORK } from '../../contract/payloads';

/** Codes of requests that brought no answer at all. */
const SILENT: ReadonlySet<string> = new Set(['connect', 'dns', 'timeout']);

/** Batches say so: hosts that do not answer, however many, are no evidence. `isAnybodyAtWork`: a batch may know better. */
export function isNetworkGone(waits: Iterable<HostWait>, isAnybodyAtWork: boolean): boolean {
  return !isAnybodyAtWork && [...waits].some(({ why }) => why === 'network');
}

/** Why a host waits, without its name. */
export function reasonText({ why, code }: Pick<LanePause, 'why' | 'code'>): string {
  switch (why) {
    case 'asked':
      return `asked us to wait (${code})`;
    case 'outage':
      return SILENT.has(code) ? `answers nothing (${code})` : `answers only ${code}`;
    case 'network':
      return code === 'not_an_image'
        ? 'answers for every host with one page (a captive portal, or a proxy that blocks)'
        : `cannot be reached (${code})`;
  }
}

/** A waiting host's name, for people. */
export function hostName(host: string): string {
  return host === NETWORK ? 'the network' : host;
}

/** Of all that wait, in one line, for `status`; null: none does. */
export function waitsText({
  waits: { longest, more },
  isNetworkGone,
}: Pick<DownloadProgress, 'waits' | 'isNetworkGone'>): string | null {
  const [first] = longest;
  if (first === undefined) return null;
  if (isNetworkGone)
    return `The network seems to be gone: ${networkGoneText(first, longest.length + more)}`;
  const others = longest.length - 1 + more;
  const rest = others === 0 ? '' : `; ${others} more ${others === 1 ? 'host waits' : 'hosts wait'}`;
  return `${hostName(first.host)} ${reasonText(first)}: asked again at ${moment(first.until)}${rest}.`;
}

/** What is tried next, when nothing can be reached. */
export function networkGoneText({ code, until }: HostWait, hosts: number): string {
  if (code === 'not_an_image')
    return `one page answers for every host (a captive portal, or a proxy that blocks). Open a page in a browser on this machine. It is tried again at ${moment(until)}.`;
  const many = hosts === 1 ? 'no host answers' : `none of ${hosts} hosts or lanes answers`;
  return `${many} (${code}). Each is tried again with one request, at ${moment(until)} at the latest.`;
}
