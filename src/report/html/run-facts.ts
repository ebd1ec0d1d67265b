/** Facts about a run as the report and the pages show them. */
import { html, type Markup } from './html';

const BAD_STATES: readonly string[] = ['failed', 'aborted', 'cancelled', 'cut off', 'parked'];

/** The state of a run, in the colour of how it went. */
export function stateMarkup(state: string): Markup {
  const tone = BAD_STATES.includes(state) ? 'bad' : state === 'completed' ? 'good' : '';
  return html`<span class="state ${tone}">${state}</span>`;
}

/** A time as people read it. @param iso ISO 8601 UTC. */
export function moment(iso: string): string {
  return `${iso.slice(0, 19).replace('T', ' ')} UTC`;
}
