/**
 * One request of this process for a permit. The process may keep the permit after the owner that
 * granted it has died.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { HostBudget } from '../../../contract/run-input';
import type { HostKey, ToOwner } from './budget-messages';

export interface BudgetRequestOptions {
  readonly id: number;
  readonly key: HostKey;
  readonly budget: HostBudget & { readonly user: string };
  /** The host is not shared: the batch's own limiter suffices. */
  readonly isOwn: boolean;
  readonly send: (message: ToOwner) => void;
  readonly onRelease: () => void;
}

export class BudgetRequest {
  readonly key: HostKey;
  /** No owner has registered the request. */
  isOwn: boolean;
  private isGranted: boolean;
  private isSent = false;
  private isReleased = false;
  /** The connection must end with the request. */
  private mustClose = false;
  private wake: (() => void) | null = null;

  constructor(private readonly options: BudgetRequestOptions) {
    this.key = options.key;
    this.isOwn = options.isOwn;
    this.isGranted = options.isOwn;
  }

  /**
   * Registers the request with the owner: a new request, or one that began before the host was
   * shared.
   */
  register(): void {
    const { id, key, budget, send } = this.options;
    this.isOwn = false;
    const request = { id, ...key, ...budget };
    if (this.isGranted) send({ kind: 'adopt', ...request, isSent: this.isSent });
    else send({ kind: 'acquire', ...request });
  }

  /** @returns false when the request has been released already. */
  grant(isCrowded: boolean): boolean {
    if (this.isReleased) return false;
    this.mustClose = isCrowded;
    this.isGranted = true;
    this.wake?.();
    return true;
  }

  /**
   * Waits for the grant, for `waitMs` at most.
   *
   * @returns whether the request is granted.
   */
  async isGrantedWithin(waitMs: number): Promise<boolean> {
    if (this.isGranted) return true;
    const timeout = new AbortController();
    const granted = new Promise<void>((resolve) => {
      this.wake = resolve;
    });
    const late = delay(waitMs, undefined, { signal: timeout.signal }).catch(() => undefined);
    await Promise.race([granted, late]);
    timeout.abort();
    return this.isGranted;
  }

  closesConnection(): boolean {
    return this.mustClose;
  }

  sent(): void {
    this.isSent = true;
    this.notifyOwner('sent');
  }

  answered(): void {
    this.notifyOwner('answered');
  }

  release(): void {
    if (this.isReleased) return;
    this.isReleased = true;
    this.notifyOwner('release');
    this.options.onRelease();
  }

  private notifyOwner(kind: 'sent' | 'answered' | 'release'): void {
    if (!this.isOwn) this.options.send({ kind, id: this.options.id });
  }
}
