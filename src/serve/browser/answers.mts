/** What the scripts of the page ask the server, and where they show a problem. */

export function element<T extends HTMLElement>(id: string, kind: new () => T): T {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`the page has no element ${id}`);
  return found;
}

export function amountText(amount: number): string {
  return amount.toLocaleString('en-US');
}

const note = element('grid-note', HTMLParagraphElement);

/** Shows a sentence above the grid; an empty one hides it. */
export function say(text: string): void {
  note.textContent = text;
  note.hidden = text === '';
}

/** The snapshot of the first answer. A later one has other rows. */
let snapshot: string | null = null;

/** @throws Error with the reason that the server gives. */
export async function readJson(address: string): Promise<unknown> {
  const response = await fetch(address);
  const body: unknown = await response.json();
  if (!response.ok) throw new Error((body as { readonly error: string }).error);
  const now = response.headers.get('X-Snapshot');
  snapshot ??= now;
  if (now !== snapshot)
    say('A run has published newer data. Reload the page to see all of it in order.');
  return body;
}
