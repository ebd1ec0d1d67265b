/** One request of this process for a permit, which it may hold beyond the death of the owner that granted it. */
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
  /** No owner knows of it. */
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

  /** Makes it known to the owner: a new one, or the first since the host is shared. */
  register(): void {
    const { id, key, budget, send } = this.options;
    this.isOwn = false;
    const request = { id, ...key, ...budget };
    if (this.isGranted) send({ kind: 'adopt', ...request, isSent: this.isSent });
    else send({ kind: 'acquire', ...request });
  }

  /** @returns false when it was released meanwhile. */
  grant(isCrowded: boolean): boolean {
    if (this.isReleased) return false;
    this.mustClose = isCrowded;
    this.isGranted = true;
    this.wake?.();
    return true;
  }

  /** @returns whether it is granted; waits for that, but no longer than `waitMs`. */
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
    this.tell('sent');
  }

  answered(): void {
    this.tell('answered');
  }

  release(): void {
    if (this.isReleased) return;
    this.isReleased = true;
    this.tell('release');
    this.options.onRelease();
  }

  private tell(kind: 'sent' | 'answered' | 'release'): void {
    if (!this.isOwn) this.options.send({ kind, id: this.options.id });
  }
}
