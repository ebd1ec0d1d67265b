/** What `run --dry-run` prints about the run that it planned. */
import {
  duplicatesSentence,
  rejectHints,
  rejectsSentence,
  type CatalogCounts,
} from '../../contract/catalog/catalog-counts';
import { amountText, bytesText, countText, durationText } from '../../contract/quantities';
import type { DownloadPreview, HostPreview, RunPreview } from '../../preview/run-preview';
import { printable } from '../terminal';

/** How many hosts are listed. */
const MOST_HOSTS = 20;

export function previewText({ catalog, change, download }: RunPreview): string {
  return [
    ...(catalog === null ? [] : catalogLines(catalog)),
    ...(change === null ? [] : [changeLine(change)]),
    ...(download === null ? [] : downloadLines(download)),
    'Nothing was requested, and nothing in the data root was changed.',
  ]
    .map((line) => `${line}\n`)
    .join('');
}

function catalogLines(catalog: CatalogCounts): readonly string[] {
  const { rows, images, noUrl } = catalog;
  const remarks = [rejectsSentence(catalog) ?? duplicatesSentence(catalog)];
  return [
    `catalog:   ${countText(rows, 'row')}, ${countText(images, 'image')}, ${amountText(noUrl)} of them without a URL`,
    ...remarks.flatMap((remark) => (remark === null ? [] : [`  ${printable(remark)}`])),
    ...rejectHints(catalog).map((hint) => `  ${hint}`),
  ];
}

function changeLine({
  added,
  urlChanged,
  removed,
  renamed,
  returned,
}: NonNullable<RunPreview['change']>): string {
  const again = renamed === 0 ? '' : ` (${amountText(renamed)} of them have another id now)`;
  return `change:    ${amountText(added)} new, ${amountText(urlChanged)} with another URL, ${amountText(removed)} vanished${again}, ${amountText(returned)} returned`;
}

function downloadLines({ images, linked, hosts }: DownloadPreview): readonly string[] {
  const asked = hosts.filter(({ host }) => host !== '');
  const bad = hosts.find(({ host }) => host === '')?.requests ?? 0;
  const requests = sum(asked, (host) => host.requests);
  const links = linked === 0 ? '' : `, ${amountText(linked)} linked to stored files`;
  const badUrls = bad === 0 ? '' : `, ${countText(bad, 'URL')} that cannot be requested`;
  return [
    `download:  ${countText(images, 'image')}: ${countText(requests, 'request')} to ${countText(asked.length, 'host')}${links}${badUrls}`,
    ...asked.slice(0, MOST_HOSTS).map(hostLine),
    ...(asked.length > MOST_HOSTS
      ? [`  … and ${countText(asked.length - MOST_HOSTS, 'host')}`]
      : []),
    // Hosts are requested at the same time, so the slowest one decides.
    `time:      at least ${durationText(Math.max(0, ...asked.slice(0, 1).map((host) => host.seconds)))} at the budgets`,
    `disk:      ${diskText(asked)}`,
  ];
}

function hostLine({ host, requests, seconds, bytes }: HostPreview): string {
  const disk = bytes === null ? 'unknown' : bytesText(bytes);
  return `  ${printable(host)}: ${countText(requests, 'request')}, ${durationText(seconds)}, disk ${disk}`;
}

/** An estimate from the mean size of the files that are stored of each host. */
function diskText(hosts: readonly HostPreview[]): string {
  const known = hosts.filter(({ bytes }) => bytes !== null);
  const unknown = hosts.length - known.length;
  const text = bytesText(sum(known, ({ bytes }) => bytes ?? 0));
  if (unknown === 0) return text;
  const of = `of ${countText(unknown, 'host')} nothing is stored yet`;
  return known.length === 0 ? `unknown: ${of}` : `${text}, and an unknown amount: ${of}`;
}

function sum(hosts: readonly HostPreview[], amount: (host: HostPreview) => number): number {
  return hosts.reduce((total, host) => total + amount(host), 0);
}
