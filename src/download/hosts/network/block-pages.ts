/**
 * One page that is returned for most hosts: by a captive portal, or by a company's proxy that
 * blocks downloads. It is a fault of the network and not of the images, so no request is sent until
 * a trial request receives something else.
 */
import { createHash } from 'node:crypto';
import { probeWaitMs } from '../outages/probe-schedule';
import { Wakeups } from './wakeups';

/**
 * The page must have come from this many hosts, and from more than half of those that answered
 * recently.
 */
const LEAST_HOSTS = 20;

/** Answers older than this say nothing about the network at present. In milliseconds. */
const RECENT_MS = 60_000;

/**
 * How long the decision about a page is delayed. A portal answers for all hosts at once. In
 * milliseconds.
 */
const HOLD_MS = 5_000;

/** How many characters of a page's text are compared. */
const COMPARED = 2_000;

/**
 * Statuses which mean that the server has no such image. The same page from many servers is usual
 * then.
 */
const ORDINARY = /^(404|410|5\d\d)$/;

/**
 * A hash of the parts that are equal in the pages which a portal returns for different hosts.
 * Addresses, host names and numbers are left out.
 *
 * @returns null when the text is not a page, or the status explains why it was returned.
 */
export function blockPageKey(
  text: string,
  { status, hosts }: { readonly status: number; readonly hosts: readonly string[] },
): string | null {
  const isOrdinary = status !== 511 && ORDINARY.test(String(status));
  if (isOrdinary || !/^[\s\ufeff]*<(!doctype|html|head|body|!--|\?xml|script|meta)/i.test(text))
    return null;
  const named = hosts.reduce((rest, host) => rest.replaceAll(host, ''), text.toLowerCase());
  const commonText = named
    .replace(/https?:\/\/[^"'\s<>]*/g, '')
    .replace(/[0-9a-f]{6,}|\d+/g, '#')
    .replace(/\s+/g, ' ')
    .slice(0, COMPARED);
  return createHash('sha256').update(`${status} ${commonText}`).digest('hex');
}

interface RecordedAnswer {
  readonly page: string | null;
  readonly at: number;
}

type Waiter = Readonly<{ page: string; resolve: (isBlockPage: boolean) => void }>;

/** Detects a block page; one object per process. */
export class BlockPages {
  private readonly answersByHost = new Map<string, RecordedAnswer>();
  private readonly waiters = new Set<Waiter>();
  private blocked: { readonly page: string; trials: number; nextAt: number } | null = null;
  private isTrialUnderWay = false;
  private readonly wakeups = new Wakeups();

  /** Whether one page is returned for most hosts. */
  isBlocked(): boolean {
    return this.blocked !== null;
  }

  /**
   * Records what a host returned: the key of its page, or null for an image or an ordinary failure.
   */
  noteAnswer(host: string, page: string | null): void {
    this.answersByHost.delete(host);
    this.answersByHost.set(host, { page, at: performance.now() });
    if (this.blocked !== null) {
      if (page !== this.blocked.page) this.unblock();
    } else if (page !== null && this.answersForMost(page)) this.block(page);
  }

  /**
   * Waits, for a few seconds at most, until it is known whether the page is returned for most
   * hosts. The caller has recorded the page before.
   *
   * @returns false when the page is the host's own.
   */
  async isBlockPage(page: string, signal: AbortSignal): Promise<boolean> {
    if (this.blocked !== null) return this.blocked.page === page;
    if (signal.aborted) return false;
    return new Promise((resolve) => {
      const finishWaiting = (isBlockPage: boolean): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', stopWaiting);
        this.waiters.delete(waiter);
        resolve(isBlockPage);
      };
      const stopWaiting = (): void => {
        finishWaiting(false);
      };
      const waiter: Waiter = { page, resolve: finishWaiting };
      const timer = setTimeout(stopWaiting, HOLD_MS);
      signal.addEventListener('abort', stopWaiting, { once: true });
      this.waiters.add(waiter);
    });
  }

  /**
   * Waits until a trial request may be sent.
   *
   * @returns `over` when requests are no longer blocked; `later` when the lane must pause.
   */
  async takeTrial(firstPauseMs: number): Promise<'trial' | 'over' | 'later'> {
    for (;;) {
      if (this.blocked === null) return 'over';
      const { trials, nextAt } = this.blocked;
      const waitMs = nextAt - performance.now();
      if (!this.isTrialUnderWay && waitMs <= 0) {
        const nextWaitMs = probeWaitMs(trials + 1, firstPauseMs);
        if (probeWaitMs(trials, firstPauseMs) === null) {
          // The lane's next batch tries once more.
          this.blocked.trials -= 1;
          return 'later';
        }
        this.isTrialUnderWay = true;
        this.blocked.trials += 1;
        this.blocked.nextAt = performance.now() + (nextWaitMs ?? 0);
        return 'trial';
      }
      await this.wakeups.wait(this.isTrialUnderWay ? HOLD_MS : waitMs);
    }
  }

  /** The trial request has ended, with any result. */
  endTrial(): void {
    this.isTrialUnderWay = false;
    this.wakeups.wakeAll();
  }

  private answersForMost(page: string): boolean {
    const since = performance.now() - RECENT_MS;
    let recent = 0;
    let same = 0;
    for (const [host, one] of this.answersByHost) {
      if (one.at < since) this.answersByHost.delete(host);
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
    this.answersByHost.clear();
    this.wakeups.wakeAll();
  }
}
