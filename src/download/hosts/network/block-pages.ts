/**
 * One page that answers for most hosts: a captive portal, or a company's proxy that blocks downloads. It is the network's
 * fault and not the images', so nobody is asked until a trial request gets something else.
 */
import { createHash } from 'node:crypto';
import { probeWaitMs } from '../outages/probe-schedule';

/** The page must have come for this many hosts, and for more than half of those that answered lately. */
const LEAST_HOSTS = 20;

/** Answers that are older say nothing about the network as it is now. **Units** ms. */
const RECENT_MS = 60_000;

/** How long a page is held back that may be a block page; a portal answers for all hosts at once. **Units** ms. */
const HOLD_MS = 5_000;

/** What of a page's text is compared. **Units** characters. */
const COMPARED = 2_000;

/** Statuses with which a server tells that it has no such image: the same page of many servers is nothing unusual. */
const ORDINARY = /^(404|410|5\d\d)$/;

/**
 * What is the same in the pages that a portal sends for different hosts: addresses, names of the host, numbers are left out.
 *
 * @returns null when the text is no page, or the status says why it came.
 */
export function blockPageKey(
  text: string,
  { status, hosts }: { readonly status: number; readonly hosts: readonly string[] },
): string | null {
  const isOrdinary = status !== 511 && ORDINARY.test(String(status));
  if (isOrdinary || !/^[\s\ufeff]*<(!doctype|html|head|body|!--|\?xml|script|meta)/i.test(text))
    return null;
  const named = hosts.reduce((rest, host) => rest.replaceAll(host, ''), text.toLowerCase());
  const same = named
    .replace(/https?:\/\/[^"'\s<>]*/g, '')
    .replace(/[0-9a-f]{6,}|\d+/g, '#')
    .replace(/\s+/g, ' ')
    .slice(0, COMPARED);
  return createHash('sha256').update(`${status} ${same}`).digest('hex');
}

interface Seen {
  readonly page: string | null;
  readonly at: number;
}

type Waiter = Readonly<{ page: string; resolve: (isBlockPage: boolean) => void }>;

/** One a process. */
export class BlockPages {
  private readonly seen = new Map<string, Seen>();
  private readonly waiters = new Set<Waiter>();
  private blocked: { readonly page: string; trials: number; nextAt: number } | null = null;
  private trial = false;
  private wake: (() => void)[] = [];

  /** One page answers for most hosts. */
  isBlocked(): boolean {
    return this.blocked !== null;
  }

  /** What a host answered: the key of its page, or null for an image or an ordinary failure. */
  note(host: string, page: string | null): void {
    this.seen.delete(host);
    this.seen.set(host, { page, at: performance.now() });
    if (this.blocked !== null) {
      if (page !== this.blocked.page) this.unblock();
    } else if (page !== null && this.answersForMost(page)) this.block(page);
  }

  /**
   * Waits until it is known whether the page answers for most hosts; at most some seconds. The caller has noted it.
   *
   * @returns false when it is the host's own page.
   */
  async isBlockPage(page: string, signal: AbortSignal): Promise<boolean> {
    if (this.blocked !== null) return this.blocked.page === page;
    if (signal.aborted) return false;
    return new Promise((resolve) => {
      const end = (isBlockPage: boolean): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', stop);
        this.waiters.delete(waiter);
        resolve(isBlockPage);
      };
      const stop = (): void => {
        end(false);
      };
      const waiter: Waiter = { page, resolve: end };
      const timer = setTimeout(stop, HOLD_MS);
      signal.addEventListener('abort', stop, { once: true });
      this.waiters.add(waiter);
    });
  }

  /** Waits for the turn to send a trial request. @returns `over` when nobody is blocked any more; `later`: the lane is to pause. */
  async takeTrial(firstPauseMs: number): Promise<'trial' | 'over' | 'later'> {
    for (;;) {
      if (this.blocked === null) return 'over';
      const { trials, nextAt } = this.blocked;
      const waitMs = nextAt - performance.now();
      if (!this.trial && waitMs <= 0) {
        const nextWaitMs = probeWaitMs(trials + 1, firstPauseMs);
        if (probeWaitMs(trials, firstPauseMs) === null) {
          // The lane's next batch tries once more.
          this.blocked.trials -= 1;
          return 'later';
        }
        this.trial = true;
        this.blocked.trials += 1;
        this.blocked.nextAt = performance.now() + (nextWaitMs ?? 0);
        return 'trial';
      }
      await this.change(this.trial ? HOLD_MS : waitMs);
    }
  }

  /** The trial request has ended, whatever came of it. */
  endTrial(): void {
    this.trial = false;
    this.wakeAll();
  }

  private answersForMost(page: string): boolean {
    const since = performance.now() - RECENT_MS;
    let recent = 0;
    let same = 0;
    for (const [host, one] of this.seen) {
      if (one.at < since) this.seen.delete(host);
      else {
        recent += 1;
        if (one.page === page) same += 1;
      }
    }
    return same >= LEAST_HOSTS && same > recent / 2;
  }

  private block(page: string): void {
    this.blocked = { page, trials: 0, nextAt: performance.now() };
    for (const waiter of [...this.waiters]) if (waiter.page === page) waiter.resolve(true);
  }

  private unblock(): void {
    this.blocked = null;
    this.seen.clear();
    this.wakeAll();
  }

  private change(withinMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, withinMs);
      this.wake.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  private wakeAll(): void {
    for (const wake of this.wake.splice(0)) wake();
  }
}
