/** How far a run is, in texts that the page and its script show as they are. */
import { amountText, bytesText, countText, durationText } from '../../contract/quantities';
import type { RunEntry } from '../../contract/run-record';
import { cutText, visible } from '../../report/html/html';
import { moment } from '../../report/html/run-facts';
import { hasEnded } from '../../report/report-facts';
import type { RunProgress } from '../json-answers';
import { shownState } from './runs';

/** The longest texts, in characters. Hosts and reasons come from outside. */
const MOST_HOST = 200;
const MOST_REASON = 300;
const MOST_PROBLEM = 1_500;

export function runProgress(entry: RunEntry, now = new Date()): RunProgress {
  const state = shownState(entry);
  const { planned, stored, notModified, failed, bytes, committed } = entry;
  return {
    state,
    hasEnded: hasEnded(state),
    done: stored + notModified + failed,
    planned,
    facts: {
      step: stepText(entry),
      stored: `${amountText(stored)} (${bytesText(bytes)})${notModified === 0 ? '' : `, and ${amountText(notModified)} not modified`}`,
      failed: amountText(failed),
      pace: paceText(entry),
      left: leftText(entry),
      committed: amountText(committed),
      moved: moment(entry.updatedAt),
    },
    problem: problemText(entry),
    waits: waitSentences(entry, now),
  };
}

const UNKNOWN = '–';

function stepText({ step, ingest, features }: RunEntry): string {
  if (step === null) return 'the input is checked';
  const text = `${step.name}, ${step.state}`;
  if (ingest != null)
    return `${text}: ${amountText(ingest.rows)} rows read, ${amountText(ingest.ratePerSecond)}/s`;
  if (step.name !== 'features' || features === undefined) return text;
  const done = features.computed + features.failed;
  return `${text}: ${amountText(done)} of ${countText(features.planned, 'file')}`;
}

/** The rate of the step that runs. */
function paceText({ state, step, ratePerSecond, features }: RunEntry): string {
  if (state !== 'running') return UNKNOWN;
  if (step?.name === 'features' && features !== undefined)
    return features.ratePerSecond > 0 ? `${features.ratePerSecond.toFixed(1)} files/s` : UNKNOWN;
  return ratePerSecond > 0 ? `${ratePerSecond.toFixed(1)} images/s` : UNKNOWN;
}

function leftText({ state, step, secondsLeft, features }: RunEntry): string {
  const isOfFeatures = step?.name === 'features' && features !== undefined;
  const seconds = isOfFeatures ? features.secondsLeft : secondsLeft;
  return state !== 'running' || seconds === null ? UNKNOWN : `about ${durationText(seconds)}`;
}

/** A host that waits has a sentence of its own. A network that is gone is a problem too. */
function problemText({ step, waits, state }: RunEntry): string | null {
  const code = step?.code ?? null;
  const detail = step?.detail ?? null;
  if (code === null && detail === null) return null;
  const isOfHosts = waits?.every(({ host }) => host !== 'the network') === true;
  if (state === 'running' && code === null && isOfHosts) return null;
  return visible(cutText(`${code === null ? '' : `${code}: `}${detail ?? ''}`, MOST_PROBLEM));
}

function waitSentences({ state, waits = [], moreWaits = 0 }: RunEntry, now: Date): string[] {
  if (state !== 'running') return [];
  const sentences = waits.map(({ host, until, reason }) => {
    const isDue = Date.parse(until) <= now.getTime();
    const when = isDue ? 'is being asked again' : `is asked again at ${moment(until)}`;
    return `${visible(cutText(host, MOST_HOST))} ${visible(cutText(reason, MOST_REASON))}; it ${when}.`;
  });
  if (moreWaits > 0) sentences.push(`And ${countText(moreWaits, 'more host')}.`);
  return sentences;
}
