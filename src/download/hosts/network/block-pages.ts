/**
 * One page that is returned for most hosts: by a captive portal, or by a company's proxy that
 * blocks downloads. It is a fault of the network and not of the images, so no request is sent until
 * a trial request receives something else.
 */
import { createHash } from 'node:crypto';
import { whenAborted } from '../../../http/when-aborted';
import { probeWaitMs } from '../outages/probe-schedule';
import { Wakeups } from './wakeups';

/**
 * The page must have come from this many hosts, and from more than half of those that answered
 * recently.
 */
const LEAST_HOSTS = 20;

/**
 * From this many hosts on, a decision is delayed. Other lanes, which start at almost the same time,
 * may have the rest of the hosts.
 */
const LEAST_HOSTS_TO_WAIT = 5;

/** Answers older than this say nothing about the network at present. In milliseconds. */
const RECENT_MS = 60_000;

/**
 * How long the decision about a page is delayed. A portal answers for all hosts at once. It is
 * delayed further while most of several hosts return the page, because the others may take longer.
 * In milliseconds.
 */
const HOLD_MS = 5_000;
const LONGEST_HOLD_MS = 30_000;

/**
 * A delayed decision ends early when this many other hosts have returned something else. Answers
 * within the first second do not count, because their requests may have been sent before the portal
 * came.
 */
const OTHER_HOSTS = 3;
const IN_FLIGHT_MS = 1_000;

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

interface Waiter {
  readonly page: string;
  readonly since: number;
  /** Hosts that have returned something else meanwhile. */
  readonly others: Set<string>;
  readonly resolve: (isBlockPage: boolean) => void;
}

/** The hosts of a batch by name. */
type HostsOfBatch = ReadonlyMap<string, unknown>;

/** Detects a block page; one object per process. */
export class BlockPages {
  private readonly answersByHost = new Map<string, RecordedAnswer>();
  private readonly batches = new Set<HostsOfBatch>();
  private readonly waiters = new Set<Waiter>();
  private blocked: { readonly page: string; trials: number; nextAt: number } | null = null;
  private isTrialUnderWay = false;
  private readonly wakeups = new Wakeups();

  /** Whether one page is returned for most hosts. */
  isBlocked(): boolean {
    return this.blocked !== null;
  }

  /**
   * Adds the hosts of a batch, because a lane alone may have too few of them.
   *
   * @returns a function that removes them when the batch has ended.
   */
  addBatch(hosts: HostsOfBatch): () => void {
    this.batches.add(hosts);
    return () => {
      this.batches.delete(hosts);
    };
  }

  /**
   * Records what a host returned: the key of its page, or null for an image or an ordinary failure.
   */
  noteAnswer(host: string, page: string | null): void {
    this.answersByHost.delete(host);
    this.answersByHost.set(host, { page, at: performance.now() });
    for (const waiter of [...this.waiters]) noteOther(waiter, host, page);
    if (this.blocked !== null) {
      if (page !== this.blocked.page) this.unblock();
    } else if (page !== null && this.answersForMost(page, LEAST_HOSTS)) this.block(page);
  }

  /**
   * Waits, usually for a few seconds at most, until it is known whether the page is returned for
   * most hosts. The caller has recorded the page before.
   *
   * @returns false when the page is the host's own. If the batch ends before that is known, true,
   *   so that the image is requested again.
   */
  async isBlockPage(page: string, signal: AbortSignal): Promise<boolean> {
    if (this.blocked !== null) return this.blocked.page === page;
    if (!this.areSeveralHosts()) return false;
    if (signal.aborted) return true;
    return new Promise((resolve) => {
      const finishWaiting = (isBlockPage: boolean): void => {
        clearTimeout(timer);
        stopListening();
        this.waiters.delete(waiter);
        resolve(isBlockPage);
      };
      const since = performance.now();
      const waiter: Waiter = { page, since, others: new Set(), resolve: finishWaiting };
      const endHold = (): void => {
        const isLong = performance.now() - since >= LONGEST_HOLD_MS;
        if (isLong || !this.answersForMost(page, LEAST_HOSTS_TO_WAIT)) finishWaiting(false);
        else timer.refresh();
      };
      const timer = setTimeout(endHold, HOLD_MS);
      const stopListening = whenAborted(signal, () => {
        finishWaiting(true);
      });
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

  /** Whether this process requests images of so many hosts that a page may be a block page. */
  private areSeveralHosts(): boolean {
    const names = new Set(this.answersByHost.keys());
    for (const hosts of this.batches) for (const name of hosts.keys()) names.add(name);
    return names.size >= LEAST_HOSTS_TO_WAIT;
  }

  private answersForMost(page: string, leastHosts: number): boolean {
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
    return same >= leastHosts && same > recent / 2;
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

function noteOther(waiter: Waiter, host: string, page: string | null): void {
  if (page === waiter.page || performance.now() - waiter.since < IN_FLIGHT_MS) return;
  waiter.others.add(host);
  if (waiter.others.size >= OTHER_HOSTS) waiter.resolve(false);
}
