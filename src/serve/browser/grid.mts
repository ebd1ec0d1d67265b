/**
 * The grid of images, in the browser. Only the rows that can be seen are in the document, so a grid
 * of a million images costs what a grid of a hundred does. Beyond the largest height that browsers
 * lay out, positions of the scroll bar are scaled; wheel and keys still move by exact rows.
 */

import type { GridImage, RowsAnswer } from '../json-answers.js';
import { amountText, element, readJson, say } from './answers.mjs';
import { fillCell } from './cell.mjs';

/** Height of a row with its gap, and the least width of a cell, in CSS pixels. */
const ROW_HEIGHT = 188;
const LEAST_WIDTH = 150;

/** The largest height of the scrolled element, in CSS pixels. Browsers stop between 16 and 33 M. */
const MOST_HEIGHT = 6_000_000;

/** Images of one request. */
const PAGE = 200;

/** The most pages of images that are kept. */
const MOST_PAGES = 50;

/** After this time a page that could not be read is requested again, in ms. */
const RETRY_MS = 3_000;

/** Rows beyond the visible ones that are drawn. */
const MARGIN_ROWS = 2;

const grid = element('grid', HTMLDivElement);
const room = element('room', HTMLDivElement);
const position = element('position', HTMLOutputElement);
const query = grid.dataset.query ?? '';

let total = 0;
let columns = 1;
/** The image that has the keyboard focus, or would have it. */
let current = 0;
/** The exact position in pixels of the unscaled grid; null when the scroll bar alone says it. */
let exactTop: number | null = null;
let lastScrollTop = 0;

const drawnRows = new Map<number, HTMLDivElement>();
const pages = new Map<number, Promise<readonly GridImage[]>>();

const rowCount = (): number => Math.ceil(total / columns);
const fullHeight = (): number => rowCount() * ROW_HEIGHT;
const shownHeight = (): number => Math.min(fullHeight(), MOST_HEIGHT);
const viewHeight = (): number => grid.clientHeight;

/** Pixels of the whole grid for each pixel of the scroll bar. */
function scale(): number {
  if (fullHeight() <= shownHeight()) return 1;
  return (fullHeight() - viewHeight()) / (shownHeight() - viewHeight());
}

const topOfView = (): number => exactTop ?? grid.scrollTop * scale();

async function requestPage(page: number): Promise<readonly GridImage[]> {
  const address = `/api/images?from=${page * PAGE}&count=${PAGE}${query === '' ? '' : `&${query}`}`;
  const answer = (await readJson(address)) as RowsAnswer;
  // The grid keeps its length when a newer snapshot has another one.
  if (total === 0) total = answer.total;
  return answer.images;
}

function removeRows(isMeant: (row: number, drawn: HTMLElement) => boolean): void {
  for (const [row, drawn] of drawnRows) {
    if (!isMeant(row, drawn)) continue;
    drawn.remove();
    drawnRows.delete(row);
  }
}

let retrying: ReturnType<typeof setTimeout> | undefined;

/** A page that could not be read, for example between two snapshots, is requested again. */
function drawUnfilledAgain(): void {
  const isFocused = grid.contains(document.activeElement);
  say('');
  removeRows((_, drawn) => drawn.querySelector('a.loading') !== null);
  draw();
  if (isFocused) moveTabStop(current)?.focus({ preventScroll: true });
}

function readPage(page: number): Promise<readonly GridImage[]> {
  const known = pages.get(page);
  if (known !== undefined) return known;
  const asked = requestPage(page);
  pages.set(page, asked);
  asked.catch((error: unknown) => {
    pages.delete(page);
    say(error instanceof Error ? error.message : String(error));
    clearTimeout(retrying);
    retrying = setTimeout(drawUnfilledAgain, RETRY_MS);
  });
  const [oldest] = pages.keys();
  if (pages.size > MOST_PAGES && oldest !== undefined) pages.delete(oldest);
  return asked;
}

function makeCell(at: number): HTMLDivElement {
  const cell = document.createElement('div');
  cell.setAttribute('role', 'gridcell');
  cell.setAttribute('aria-colindex', String((at % columns) + 1));
  const link = document.createElement('a');
  link.className = 'tile loading';
  link.dataset.at = String(at);
  link.tabIndex = at === current ? 0 : -1;
  link.setAttribute('aria-label', `Image ${amountText(at + 1)}`);
  cell.append(link);
  return cell;
}

async function fillRow(row: number, drawn: HTMLDivElement): Promise<void> {
  const first = row * columns;
  const links: HTMLAnchorElement[] = [];
  for (let at = first; at < Math.min(first + columns, total); at += 1) {
    const cell = makeCell(at);
    drawn.append(cell);
    const [link] = cell.getElementsByTagName('a');
    if (link !== undefined) links.push(link);
  }
  for (const [offset, link] of links.entries()) {
    const at = first + offset;
    const images = await readPage(Math.floor(at / PAGE));
    if (drawn.isConnected) fillOrClear(link, images[at % PAGE]);
  }
}

/** A newer snapshot may have fewer images of the query than the grid has cells. */
function fillOrClear(link: HTMLAnchorElement, image: GridImage | undefined): void {
  if (image === undefined) {
    link.classList.remove('loading');
    return;
  }
  link.removeAttribute('aria-label');
  fillCell(link, image);
}

function draw(): void {
  const top = topOfView();
  const first = Math.max(0, Math.floor(top / ROW_HEIGHT) - MARGIN_ROWS);
  const last = Math.min(rowCount() - 1, Math.ceil((top + viewHeight()) / ROW_HEIGHT) + MARGIN_ROWS);
  removeRows((row) => row < first || row > last);
  for (let row = first; row <= last; row += 1) place(row, top);
  const isDrawn = drawnRows.has(Math.floor(current / columns));
  if (!isDrawn) moveTabStop(Math.min(total - 1, Math.ceil(top / ROW_HEIGHT) * columns));
  showPosition(top);
}

/** The key Tab enters the grid at the current image, which is therefore one that is drawn. */
function moveTabStop(at: number): HTMLAnchorElement | null {
  current = Math.max(0, at);
  for (const link of grid.querySelectorAll<HTMLAnchorElement>('a[tabindex="0"]'))
    link.tabIndex = -1;
  const link = grid.querySelector<HTMLAnchorElement>(`a[data-at="${current}"]`);
  if (link !== null) link.tabIndex = 0;
  return link;
}

function place(row: number, top: number): void {
  let drawn = drawnRows.get(row);
  if (drawn === undefined) {
    drawn = document.createElement('div');
    drawn.className = 'grid-row';
    drawn.setAttribute('role', 'row');
    drawn.setAttribute('aria-rowindex', String(row + 1));
    drawn.style.gridTemplateColumns = `repeat(${columns}, minmax(0, 1fr))`;
    room.append(drawn);
    drawnRows.set(row, drawn);
    // A failure to read a page is shown by readPage.
    fillRow(row, drawn).catch(() => undefined);
  }
  drawn.style.transform = `translateY(${grid.scrollTop + row * ROW_HEIGHT - top}px)`;
}

let saving: ReturnType<typeof setTimeout> | undefined;

function showPosition(top: number): void {
  if (total === 0) {
    position.textContent = 'No image is like that.';
    return;
  }
  const at = Math.min(total - 1, Math.floor(top / ROW_HEIGHT) * columns);
  const end = Math.min(total, Math.ceil((top + viewHeight()) / ROW_HEIGHT) * columns);
  position.textContent = `${amountText(at + 1)}–${amountText(end)} of ${amountText(total)}`;
  clearTimeout(saving);
  saving = setTimeout(savePlace, 200);
}

/** The address keeps the place, and the history the focus: the back button returns to both. */
function savePlace(): void {
  clearTimeout(saving);
  const at = Math.min(total - 1, Math.floor(topOfView() / ROW_HEIGHT) * columns);
  const isFocused = grid.contains(document.activeElement);
  const state = isFocused ? { focused: current } : null;
  history.replaceState(state, '', at <= 0 ? location.href.split('#')[0] : `#${at + 1}`);
}

function goTo(at: number): void {
  const wanted = Math.floor(at / columns) * ROW_HEIGHT;
  exactTop = Math.max(0, Math.min(wanted, fullHeight() - viewHeight()));
  grid.scrollTop = exactTop / scale();
  lastScrollTop = grid.scrollTop;
  draw();
}

function layOut(): void {
  columns = Math.max(2, Math.floor(grid.clientWidth / LEAST_WIDTH));
  removeRows(() => true);
  room.style.height = `${shownHeight()}px`;
  grid.setAttribute('aria-rowcount', String(rowCount()));
  grid.setAttribute('aria-colcount', String(columns));
}

/** Small movements are exact; a large one comes from the scroll bar, which is scaled. */
function onScroll(): void {
  const moved = grid.scrollTop - lastScrollTop;
  lastScrollTop = grid.scrollTop;
  const isAtEnd = grid.scrollTop <= 0 || grid.scrollTop + viewHeight() >= shownHeight() - 1;
  if (Math.abs(moved) >= viewHeight() || isAtEnd) exactTop = null;
  else if (moved !== 0)
    exactTop = Math.max(
      0,
      Math.min(
        (exactTop ?? (grid.scrollTop - moved) * scale()) + moved,
        fullHeight() - viewHeight(),
      ),
    );
  requestAnimationFrame(draw);
}

/** How far a key moves; null for other keys. */
function stepOf(key: string): number | null {
  const onePage = columns * Math.max(1, Math.floor(viewHeight() / ROW_HEIGHT));
  const steps: Readonly<Record<string, number>> = {
    ArrowRight: 1,
    ArrowLeft: -1,
    ArrowDown: columns,
    ArrowUp: -columns,
    PageDown: onePage,
    PageUp: -onePage,
    Home: -total,
    End: total,
  };
  return steps[key] ?? null;
}

function onKey(event: KeyboardEvent): void {
  const step = stepOf(event.key);
  if (step === null || total === 0) return;
  event.preventDefault();
  focusOn(Math.max(0, Math.min(total - 1, current + step)));
}

function focusOn(at: number): void {
  current = at;
  const top = topOfView();
  const rowTop = Math.floor(at / columns) * ROW_HEIGHT;
  if (rowTop < top || rowTop + ROW_HEIGHT > top + viewHeight()) goTo(at);
  moveTabStop(at)?.focus({ preventScroll: true });
}

async function start(): Promise<void> {
  await readPage(0);
  layOut();
  const { focused } = (history.state ?? {}) as { readonly focused?: number };
  const asked = Number(location.hash.slice(1));
  goTo(Number.isInteger(asked) && asked > 0 ? Math.min(asked, total) - 1 : 0);
  if (focused !== undefined && focused < total) focusOn(focused);
}

grid.addEventListener('scroll', onScroll);
grid.addEventListener('keydown', onKey);
// A link that is followed leaves the page before the timer ends.
grid.addEventListener('click', savePlace);
grid.addEventListener('focusin', (event) => {
  if (event.target instanceof HTMLAnchorElement) current = Number(event.target.dataset.at ?? 0);
});
element('jump', HTMLFormElement).addEventListener('submit', (event) => {
  event.preventDefault();
  const at = Number(new FormData(event.target as HTMLFormElement).get('at'));
  if (at >= 1) focusOn(Math.min(at, total) - 1);
});
document.querySelector('select[name="sort"]')?.addEventListener('change', (event) => {
  (event.target as HTMLSelectElement).form?.requestSubmit();
});
// A page that comes back from memory has what was typed since, which is not in its address.
addEventListener('pageshow', (event) => {
  if (event.persisted) document.querySelector<HTMLFormElement>('form.search')?.reset();
});
let width = grid.clientWidth;
new ResizeObserver(() => {
  if (grid.clientWidth === width && columns > 1) {
    draw();
    return;
  }
  const at = Math.floor(topOfView() / ROW_HEIGHT) * columns;
  width = grid.clientWidth;
  layOut();
  goTo(at);
}).observe(grid);
// On narrow screens the filters come first, and would hide the pictures.
if (matchMedia('(max-width: 50rem)').matches)
  document.querySelector('details.filters')?.removeAttribute('open');
start().catch(() => {
  position.textContent = 'The images cannot be read.';
});
