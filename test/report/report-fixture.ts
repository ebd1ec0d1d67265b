/** A data root whose runs can be drawn, and what a report contains. */
import fs from 'node:fs';
import path from 'node:path';
import type { LedgerLine } from '../../src/contract/outcome';
import type { RunEntry, Summary } from '../../src/contract/run-record';
import { readRun } from '../../src/files/run/run-records';
import { drawReport } from '../../src/report/draw-report';
import { factsOfRun } from '../../src/report/report-facts';
import { WarehouseFixture, type CatalogImage } from '../warehouse/warehouse-fixture';

/** A run that has ended completed, as far as its files say. */
const ENDED = { state: 'completed', endedAt: '2026-01-01T01:00:00.000Z' } as const;

export class ReportFixture extends WarehouseFixture {
  /** Merges a catalog, commits these outcomes of it, and publishes. */
  async run(
    runId: string,
    images: readonly CatalogImage[],
    lines: readonly LedgerLine[],
  ): Promise<void> {
    await this.merge(runId, images);
    this.append(runId, lines);
    const record = this.record(runId, '2026-01-01T00:00:00.000Z');
    await this.warehouse.commitLedgers({ warehouseId: 'w', runId });
    await this.warehouse.publishSnapshot({ warehouseId: 'w', record, materialise: true });
  }

  /** Draws the report and returns it. */
  async draw(
    runId: string,
    summary: Pick<Summary, 'state' | 'endedAt'> | null = ENDED,
    entry: Pick<RunEntry, 'state' | 'step' | 'cutOff'> | null = null,
  ): Promise<string> {
    const stored = readRun({ root: this.root, runId });
    if (stored === null) throw new Error(`there is no run ${runId}`);
    const facts = factsOfRun({ dataRoot: this.root, run: stored.run, entry, summary });
    const relative = await drawReport({
      dataRoot: this.root,
      facts,
      database: { memory: '300MB', threads: 1 },
    });
    return fs.readFileSync(path.join(this.root, relative), 'utf8');
  }
}

/** The text of markup, without its tags. */
export function textOf(markup: string): string {
  return unescaped(markup.replace(/<[^>]*>/g, ' ')).replace(/\s+/g, ' ');
}

/** Every query that a report shows. */
export function queriesIn(report: string): readonly string[] {
  const found = report.matchAll(/The SQL of these numbers<\/summary>\s*<pre>([^<]*)<\/pre>/g);
  return [...found].map(([, sql = '']) => unescaped(sql));
}

/** The cells of each row of the table below a heading. */
export function rowsBelow(report: string, id: string): readonly (readonly string[])[] {
  const section = report.slice(report.indexOf(`<h2 id="${id}"`));
  const body = /<tbody>(.*?)<\/tbody>/s.exec(section.slice(0, section.indexOf('</section>')))?.[1];
  const rows = [...(body ?? '').matchAll(/<tr>(.*?)<\/tr>/gs)];
  return rows.map(([, row = '']) =>
    [...row.matchAll(/<t[hd][^>]*>(.*?)<\/t[hd]>/gs)].map(([, cell = '']) => textOf(cell).trim()),
  );
}

function unescaped(text: string): string {
  return text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');
}
