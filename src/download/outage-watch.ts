/**
 * Tells an outage from images that fail by themselves, and has everybody wait for its end, so that no image pays for it.
 * One watch a host, over its images; one a batch, over its hosts: the network.
 */
import type { ImageCode } from '../contract/outcome';
import type { OutageMemory } from '../contract/payloads';
import { HostExhausted, HostLeft } from './host-gate';

/** Waits within the batch before each probe, then those of the lane. **Units** of the first of the lane's. */
const SHORT = [1 / 15, 2 / 15, 4 / 15, 8 / 15];
const LONG = [1, 4, 20];

/** The threshold doubles with each alarm that the first probe shows to be false, up to so many. */
const MOST = 40;

/** After a lane's pause, so that there are images to choose the probe from. **Units** ms. */
const GATHER_MS = 100;

/** What becomes of the tries that failed while it was not known: `outage`: they do not count. */
export interface Episode {
  verdict: 'open' | 'outage' | 'own';
  /** It is being found out. */
  isUndecided(): boolean;
}

/** One try's. */
export interface Turn {
  readonly isProbe: boolean;
  /** False once an outage has begun that this try does not probe. */
  mayGoOn(): boolean;
  /** `key`: whose failure it is, when it is one that counts; null: it has failed by itself before. */
  failed(key: string | null, code: ImageCode): Episode;
  answered(): void;
  /** Without a word: it came to nothing. */
  end(): void;
}

export interface OutageWatch {
  isDown(): boolean;
  /** Waits while it is down. **Errors** {@link HostLeft}, {@link HostExhausted}. */
  turn(): Promise<Turn>;
  /** How long the lane's next batch is to leave it alone; 0: it need not. **Units** ms. */
  pauseMs(): number;
  /** What the next batch must know; null: nothing. */
  memory(): OutageMemory | null;
  /** Nobody waits any more. */
  leave(): void;
}

export interface OutageOptions {
  /** So many different ones that fail, and no answer between. */
  readonly enough: number;
  /** False: it is given up without a pause. */
  readonly mayPause: () => boolean;
  /** After the last pause in vain the rest fails without a request; false: it is tried again, each for itself. */
  readonly failsRest: boolean;
  /** **Units** ms. */
  readonly firstPauseMs: number;
  readonly longestPauseMs: number;
  readonly memory: OutageMemory | null;
  /** It begins: who waits for a connection shall come back. */
  readonly onDown: () => void;
  readonly onWait: (waitMs: number, code: ImageCode) => void;
}

type Waiter = Readonly<{ resolve: (turn: Turn) => void; reject: (error: Error) => void }>;

export function createOutageWatch(options: OutageOptions): OutageWatch {
  return new Watch(options);
}

class Watch implements OutageWatch {
  private state: 'up' | 'down' | 'paused' | 'exhausted' = 'up';
  private code: ImageCode = 'connect';
  private readonly failing = new Set<string>();
  private episode = this.newEpisode();
  private enough: number;
  private pauses: number;
  private probes = 0;
  private until = 0;
  private timer: NodeJS.Timeout | null = null;
  private probe: Turn | null = null;
  private isLeft = false;
  private waiters: Waiter[] = [];

  constructor(private readonly options: OutageOptions) {
    const { memory, enough } = options;
    this.enough = enough;
    this.pauses = memory?.pauses ?? 0;
    if (memory === null) return;
    this.code = memory.code;
    for (let n = 0; n < memory.failing; n += 1) this.failing.add(`before ${n}`);
    if (memory.isExhausted) this.state = 'exhausted';
    else if (memory.pauses > 0) this.goPaused(memory.waitMs);
  }

  isDown(): boolean {
    return !this.isOpen();
  }

  private newEpisode(): Episode {
    const episode: Episode = {
      verdict: 'open',
      isUndecided: () => episode.verdict === 'open' && this.isDown(),
    };
    return episode;
  }

  private isOpen(): boolean {
    return this.state === 'up' || (this.state === 'exhausted' && !this.options.failsRest);
  }

  pauseMs(): number {
    return this.state === 'paused' ? Math.max(0, this.until - performance.now()) : 0;
  }

  turn(): Promise<Turn> {
    if (this.isOpen() && !this.isLeft) return Promise.resolve(this.newTurn(false));
    // Its pause is over while the batch had other things to do.
    if (this.state === 'paused' && this.pauseMs() === 0) this.goDown(SHORT.length, GATHER_MS);
    if (this.state !== 'down' || this.isLeft) return Promise.reject(this.refusal());
    return new Promise((resolve, reject) => {
      this.waiters.push({ resolve, reject });
      if (this.timer === null) this.letProbe();
    });
  }

  memory(): OutageMemory | null {
    const { code, pauses, failing, state } = this;
    const isExhausted = state === 'exhausted';
    if (state === 'up' && failing.size === 0) return null;
    const waitMs = Math.round(this.pauseMs());
    // Of one that was not probed yet the next failure tells.
    const begun = this.pauses > 0 ? 0 : this.enough - 1;
    return { code, pauses, failing: state === 'up' ? failing.size : begun, waitMs, isExhausted };
  }

  leave(): void {
    // An outage that was probed is known; the next batch need not find it out again.
    if (this.state === 'down' && (this.probes > 0 || this.pauses > 0)) this.pauseLane();
    this.isLeft = true;
    this.clearTimer();
    this.refuseAll();
  }

  private newTurn(isProbe: boolean): Turn {
    const turn: Turn = {
      isProbe,
      mayGoOn: () => this.isOpen() || this.probe === turn,
      failed: (key, code) => this.failed(turn, key, code),
      answered: () => {
        this.answered();
      },
      end: () => {
        if (this.probe !== turn) return;
        this.probe = null;
        this.letProbe();
      },
    };
    return turn;
  }

  private failed(turn: Turn, key: string | null, code: ImageCode): Episode {
    const { episode } = this;
    if (this.state === 'up') {
      this.code = code;
      if (key !== null) this.failing.add(key);
      if (this.failing.size >= this.enough) this.begin();
    } else if (this.probe === turn) {
      this.probe = null;
      this.code = code;
      this.probedInVain();
    }
    return episode;
  }

  private answered(): void {
    if (this.state === 'exhausted') return;
    if (this.failing.size > 0 || this.state !== 'up') {
      if (this.state === 'down' && this.probes === 0 && this.pauses === 0)
        this.enough = Math.min(MOST, this.enough * 2);
      if (this.episode.verdict === 'open') this.episode.verdict = 'own';
    }
    this.episode = this.newEpisode();
    this.failing.clear();
    this.pauses = 0;
    this.probes = 0;
    this.probe = null;
    this.state = 'up';
    this.clearTimer();
    for (const { resolve } of this.waiters.splice(0)) resolve(this.newTurn(false));
  }

  private begin(): void {
    this.failing.clear();
    this.goDown(0, this.options.firstPauseMs * (SHORT[0] ?? 0));
    this.options.onWait(this.options.firstPauseMs * (SHORT[0] ?? 0), this.code);
    this.options.onDown();
  }

  private probedInVain(): void {
    this.probes += 1;
    this.episode.verdict = 'outage';
    const next = SHORT[this.probes];
    if (next === undefined || this.pauses > 0) {
      this.pauseLane();
      this.refuseAll();
      return;
    }
    this.goDown(this.probes, this.options.firstPauseMs * next);
    this.options.onWait(this.options.firstPauseMs * next, this.code);
  }

  private pauseLane(): void {
    this.episode.verdict = 'outage';
    const share = LONG[this.pauses];
    this.pauses += 1;
    if (share === undefined || !this.options.mayPause()) this.state = 'exhausted';
    else {
      const waitMs = Math.min(this.options.longestPauseMs, this.options.firstPauseMs * share);
      this.goPaused(waitMs);
      this.options.onWait(waitMs, this.code);
    }
    this.clearTimer();
  }

  private goPaused(waitMs: number): void {
    this.state = 'paused';
    this.until = performance.now() + waitMs;
  }

  private goDown(probes: number, waitMs: number): void {
    this.state = 'down';
    this.probes = probes;
    this.clearTimer();
    this.timer = setTimeout(() => {
      this.timer = null;
      this.letProbe();
    }, waitMs);
  }

  /** Any of those that wait, not the first: it may be one of a stretch that fails by itself. */
  private letProbe(): void {
    if (this.state !== 'down' || this.probe !== null || this.timer !== null) return;
    const [waiter] = this.waiters.splice(Math.floor(Math.random() * this.waiters.length), 1);
    if (waiter === undefined) return;
    this.probe = this.newTurn(true);
    waiter.resolve(this.probe);
  }

  private refusal(): Error {
    if (this.state !== 'exhausted' || this.isLeft || this.isOpen())
      return new HostLeft('it is left alone for now');
    return new HostExhausted(this.code, `nothing but ${this.code}, over and over`);
  }

  private refuseAll(): void {
    for (const { reject } of this.waiters.splice(0)) reject(this.refusal());
  }

  private clearTimer(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
  }
}
