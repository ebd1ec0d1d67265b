/** The filters beside the grid, with the number of images of each value. */
import type { FacetCounts } from '../json-answers.js';
import { amountText, element, readJson } from './answers.mjs';

const facets = element('facets', HTMLDivElement);
const query = facets.dataset.query ?? '';

function facetMarkup({ name, title, values, isCut }: FacetCounts): HTMLElement {
  const list = document.createElement('ul');
  const chosen = new URLSearchParams(query).get(name);
  for (const { value, text: shown, images } of values) {
    const parameters = new URLSearchParams(query);
    if (value === chosen) parameters.delete(name);
    else parameters.set(name, value);
    const link = document.createElement('a');
    link.href = `/images?${parameters.toString()}`;
    if (value === chosen) link.setAttribute('aria-current', 'true');
    const text = document.createElement('bdi');
    text.textContent = shown ?? value;
    const count = document.createElement('span');
    count.textContent = amountText(images);
    link.append(text, ' ', count);
    const item = document.createElement('li');
    item.append(link);
    list.append(item);
  }
  if (isCut) {
    const item = document.createElement('li');
    item.className = 'quiet';
    item.textContent = 'and others';
    list.append(item);
  }
  const heading = document.createElement('h2');
  heading.textContent = title;
  const group = document.createElement('section');
  group.setAttribute('aria-label', title);
  group.append(heading, list);
  return group;
}

async function showFacets(): Promise<void> {
  const counts = (await readJson(`/api/facets?${query}`)) as readonly FacetCounts[];
  facets.replaceChildren(...counts.map(facetMarkup));
}

document.querySelector('select[name="by"]')?.addEventListener('change', (event) => {
  (event.target as HTMLSelectElement).form?.requestSubmit();
});
showFacets().catch(() => {
  facets.textContent = 'The filters cannot be counted.';
});
