/** Counts the requests of a plan on disk by host. */
import type { LanePlace } from '../contract/payloads';
import { effectiveBudget, type BudgetRules } from '../plan/effective-budget';
import { secondsNeeded } from '../plan/lane-packer';
import { plannedUrl } from '../plan/planned-url';
import { readPlanEntries } from '../plan/read-plan-entries';
import { readPlanPage } from '../plan/read-plan-page';
import type { AuthorityMean } from '../warehouse/snapshot/preview-warehouse';
import type { DownloadPreview, HostPreview } from './run-preview';

interface PreviewedPlan {
  readonly dataRoot: string;
  readonly runId: string;
  readonly pages: number;
}

interface DownloadOptions {
  readonly plan: PreviewedPlan;
  readonly budgets: BudgetRules;
  readonly meanBytes: readonly AuthorityMean[];
}

const LANE_START: LanePlace = { offset: 0, entry: 0 };

/** @throws StepError `input` when the plan cannot be read. */
export async function previewDownload(options: DownloadOptions): Promise<DownloadPreview> {
  const { dataRoot: root, runId, pages } = options.plan;
  const requests = new Map<string, number>();
  let images = 0;
  let linked = 0;
  for (let page = 0; page < pages; page += 1) {
    const { lanes } = await readPlanPage({ dataRoot: root, runId, page });
    for (const { lane } of lanes) {
      const entries = readPlanEntries({ root, runId, lane, place: LANE_START });
      for await (const { entry } of entries) {
        images += entry.ids.length;
        if (entry.stored === undefined) countRequest(requests, plannedUrl(entry.url).host);
        else linked += entry.ids.length;
      }
    }
  }
  return { images, linked, hosts: hostPreviews(requests, options) };
}

function countRequest(requests: Map<string, number>, host: string): void {
  requests.set(host, (requests.get(host) ?? 0) + 1);
}

function hostPreviews(
  requestsByHost: ReadonlyMap<string, number>,
  { budgets, meanBytes }: DownloadOptions,
): readonly HostPreview[] {
  const means = meansByHost(meanBytes);
  const hosts = [...requestsByHost].map(([host, requests]): HostPreview => {
    // A URL without a host fails without a request.
    if (host === '') return { host, requests, seconds: 0, bytes: 0 };
    const mean = means.get(host);
    return {
      host,
      requests,
      seconds: secondsNeeded(requests, effectiveBudget(host, budgets)),
      bytes: mean === undefined ? null : Math.round(requests * mean),
    };
  });
  return hosts.sort((a, b) => b.seconds - a.seconds || a.host.localeCompare(b.host));
}

/** Several spellings of an authority are one host. */
function meansByHost(authorities: readonly AuthorityMean[]): ReadonlyMap<string, number> {
  const totals = new Map<string, { readonly images: number; readonly bytes: number }>();
  for (const { origin, images, bytes } of authorities) {
    const { host } = plannedUrl(origin);
    const before = totals.get(host) ?? { images: 0, bytes: 0 };
    totals.set(host, { images: before.images + images, bytes: before.bytes + bytes });
  }
  return new Map([...totals].map(([host, { images, bytes }]) => [host, bytes / images]));
}
