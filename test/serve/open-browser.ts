/** Chromium, where it is installed. */
import fs from 'node:fs';
import { chromium, type Page } from 'playwright-core';

const AXE = fs.readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

/** The tests with a browser are skipped where Chromium is not installed. */
export const inBrowser = chromiumPath() === null ? it.skip : it;

/** The path of Chromium; null where it is not installed. */
function chromiumPath(): string | null {
  const candidates = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser'];
  return candidates.find((one) => one !== undefined && fs.existsSync(one)) ?? null;
}

export interface Look {
  readonly width: number;
  readonly scheme: 'light' | 'dark';
}

export interface OpenBrowser {
  /** Errors of scripts and of the console, of pages that {@link open} opened. */
  readonly problems: readonly string[];
  open(address: URL): Promise<Page>;
  /** What axe finds on a page, and by how many pixels it is wider than the window. */
  examine(
    address: URL,
    look: Look,
  ): Promise<{ readonly violations: readonly string[]; readonly overflow: number }>;
  close(): Promise<void>;
}

/** @returns null where there is no Chromium. */
export async function openBrowser(): Promise<OpenBrowser | null> {
  const executablePath = chromiumPath();
  if (executablePath === null) return null;
  const args = [
    '--no-sandbox',
    '--disable-gpu',
    '--no-first-run',
    '--disable-background-networking',
  ];
  const browser = await chromium.launch({ executablePath, args });
  const problems: string[] = [];
  return {
    problems,
    open: async (address) => {
      const page = await browser.newPage({ viewport: { width: 1_280, height: 800 } });
      page.on('pageerror', (error) => problems.push(error.message));
      page.on('console', (message) => {
        if (message.type() === 'error') problems.push(message.text());
      });
      await page.goto(address.href);
      return page;
    },
    examine: async (address, { width, scheme }) => {
      const page = await browser.newPage({
        viewport: { width, height: 800 },
        colorScheme: scheme,
        // Axe is a script of the test, which the policy of the page would refuse.
        bypassCSP: true,
      });
      await page.goto(address.href, { waitUntil: 'networkidle' });
      await page.evaluate(AXE);
      const found = await page.evaluate<{
        readonly violations: readonly { readonly id: string; readonly help: string }[];
      }>('axe.run()');
      const overflow = await page.evaluate<number>(
        'document.documentElement.scrollWidth - innerWidth',
      );
      await page.close();
      return { violations: found.violations.map(({ id, help }) => `${id}: ${help}`), overflow };
    },
    close: () => browser.close(),
  };
}
