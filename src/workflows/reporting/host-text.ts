/** Texts about hosts that the downloads wait for. */
import type { DownloadProgress, HostWait, LanePause } from '../../contract/download-workflow';
import { moment } from '../../contract/markdown';
import { NETWORK } from '../../contract/payloads';
import type { RunEntry } from '../../contract/run-record';

/** Codes of requests to which no answer came. */
const NO_ANSWER_CODES: ReadonlySet<string> = new Set(['connect', 'dns', 'timeout']);

/**
 * Returns true when a batch has found that the network is gone. Hosts that do not answer, however
 * many, are no evidence for that.
 *
 * @param isAnyBatchWorking whether a batch is running that may still reach hosts.
 */
export function isNetworkGone(waits: Iterable<HostWait>, isAnyBatchWorking: boolean): boolean {
  return !isAnyBatchWorking && [...waits].some(({ why }) => why === 'network');
}

/** Why a host waits, without its name. */
export function reasonText({
  why,
  code,
  detail,
}: Pick<LanePause, 'why' | 'code' | 'detail'>): string {
  switch (why) {
    case 'asked':
      return `asked us to wait (${code})`;
    case 'outage':
      if (detail !== undefined) return `refuses everything (${code}: ${detail})`;
      return NO_ANSWER_CODES.has(code) ? `answers nothing (${code})` : `answers only ${code}`;
    case 'network':
      if (detail !== undefined) return `cannot be reached (${detail})`;
      return code === 'not_an_image'
        ? 'answers for every host with one page (a captive portal, or a proxy that blocks)'
        : `cannot be reached (${code})`;
  }
}

/** The name of a waiting host as users read it. */
export function hostName(host: string): string {
  return host === NETWORK ? 'the network' : host;
}

/** The waiting hosts as `status --json` and progress.json list them. */
export function waitingHosts({
  longest,
  more,
}: DownloadProgress['waits']): Pick<RunEntry, 'waits' | 'moreWaits'> {
  if (longest.length === 0) return {};
  const waits = longest.map((wait) => ({
    host: hostName(wait.host),
    until: wait.until,
    reason: reasonText(wait),
  }));
  return { waits, ...(more === 0 ? {} : { moreWaits: more }) };
}

/** All waiting hosts in one line, for `status`; null when no host waits. */
export function waitsText({
  waits,
  isNetworkGone,
}: Pick<DownloadProgress, 'waits' | 'isNetworkGone'>): string | null {
  const { longest, more } = waits;
  const [first] = longest;
  if (first === undefined) return null;
  if (isNetworkGone) return networkGoneTexts(first, waits).join(': ');
  const others = longest.length - 1 + more;
  const rest = others === 0 ? '' : `; ${others} more ${others === 1 ? 'host waits' : 'hosts wait'}`;
  return `${hostName(first.host)} ${reasonText(first)}: asked again at ${moment(first.until)}${rest}.`;
}

/** The heading and the text of a run that can reach nothing: the cause, and what is tried next. */
export function networkGoneTexts(
  first: HostWait,
  { longest, more }: DownloadProgress['waits'],
): readonly [heading: string, text: string] {
  const wait = longest.find(({ why }) => why === 'network') ?? first;
  const { detail, until } = wait;
  if (detail !== undefined)
    return [
      'Nothing can be reached',
      `${detail}. It is tried again at ${moment(until)} at the latest.`,
    ];
  return ['The network seems to be gone', networkGoneText(wait, longest.length + more)];
}

function networkGoneText({ code, until }: HostWait, hosts: number): string {
  if (code === 'not_an_image')
    return `one page answers for every host (a captive portal, or a proxy that blocks). Open a page in a browser on this machine. It is tried again at ${moment(until)}.`;
  const many = hosts === 1 ? 'no host answers' : `none of ${hosts} hosts or lanes answers`;
  return `${many} (${code}). Each is tried again with one request, at ${moment(until)} at the latest.`;
}
