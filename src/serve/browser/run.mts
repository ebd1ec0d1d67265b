/** Keeps the page of a run that has not ended up to date, while somebody can see it. */
import type { RunProgress } from '../json-answers.js';

/** The pause between two requests, in ms; the longer one after a request that failed. */
const EVERY_MS = 2_000;
const AFTER_FAILURE_MS = 10_000;

const section = document.getElementById('run-now');
const follow = document.getElementById('run-follow');

function write(id: string, text: string): void {
  const element = document.getElementById(id);
  if (element !== null && element.textContent !== text) element.textContent = text;
}

function show(progress: RunProgress): void {
  const { done, planned, facts, problem, waits } = progress;
  const amount = (count: number): string => count.toLocaleString('en-US');
  write('run-done', `${amount(done)} of ${amount(planned)} images are done`);
  const bar = document.getElementById('run-bar');
  if (bar instanceof HTMLProgressElement) {
    bar.max = Math.max(1, planned);
    bar.value = done;
  }
  for (const [name, text] of Object.entries(facts)) write(`run-${name}`, text);
  write('run-problem', problem ?? '');
  document.getElementById('run-problem')?.toggleAttribute('hidden', problem === null);
  document.getElementById('run-waiting')?.toggleAttribute('hidden', waits.length === 0);
  document.getElementById('run-waits')?.replaceChildren(
    ...waits.map((wait) => {
      const item = document.createElement('li');
      const text = document.createElement('bdi');
      text.textContent = wait;
      item.append(text);
      return item;
    }),
  );
}

let timer: ReturnType<typeof setTimeout> | undefined;

/** Asks once, and again later unless the page is hidden. */
async function ask(address: string, state: string): Promise<void> {
  let pause = EVERY_MS;
  try {
    const response = await fetch(address);
    if (!response.ok) throw new Error(`the server answered with ${response.status}`);
    const progress = (await response.json()) as RunProgress;
    // Another state has other commands, and the result of a run that has ended.
    if (progress.state !== state) {
      location.reload();
      return;
    }
    show(progress);
    write('run-follow', 'This page follows the run.');
  } catch {
    pause = AFTER_FAILURE_MS;
    write('run-follow', 'The server does not answer, so what is shown may be old.');
  }
  if (!document.hidden) timer = setTimeout(() => void ask(address, state), pause);
}

const { run, state } = section?.dataset ?? {};
if (run !== undefined && state !== undefined && follow !== null) {
  follow.hidden = false;
  const address = `/api/runs/${encodeURIComponent(run)}`;
  const askNow = (): void => {
    clearTimeout(timer);
    if (!document.hidden) void ask(address, state);
  };
  document.addEventListener('visibilitychange', askNow);
  timer = setTimeout(askNow, EVERY_MS);
}
