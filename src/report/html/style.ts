/** The style sheet of the report: light and dark, narrow and wide screens, paper. */

import { PALETTE } from './palette';

export const STYLE = `
${PALETTE}* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body {
  margin: 0; background: var(--page); color: var(--text);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif;
}
header, main, footer { max-width: 68rem; margin: 0 auto; padding: 0 1.25rem; }
header { padding-top: 2rem; }
footer { padding-bottom: 3rem; color: var(--quiet); font-size: .875rem; }
h1 { font-size: 1.75rem; line-height: 1.2; margin: 0 0 .25rem; overflow-wrap: anywhere; }
h2 { font-size: 1.25rem; line-height: 1.3; margin: 2.5rem 0 .5rem; }
h3 { font-size: 1rem; margin: 1.5rem 0 .5rem; }
p, ul, ol { margin: .5rem 0; max-width: 46rem; }
li { margin: .25rem 0; }
a { color: var(--link); }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
.kicker { color: var(--quiet); margin: 0; }
.state { font-weight: 600; }
.state.good { color: var(--good); }
.state.bad { color: var(--bad); }
.quiet { color: var(--quiet); }
nav ul { display: flex; flex-wrap: wrap; gap: .25rem 1rem; padding: 0; margin: 1rem 0 0; list-style: none; max-width: none; }
.scroll { overflow-x: auto; max-width: 100%; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
caption { text-align: left; color: var(--quiet); padding: .25rem 0; font-size: .875rem; }
th, td { text-align: left; vertical-align: top; padding: .375rem .75rem .375rem 0; border-bottom: 1px solid var(--line); }
thead th { color: var(--quiet); font-weight: 600; font-size: .875rem; white-space: nowrap; }
tbody th { font-weight: 500; }
.text { min-width: 10rem; overflow-wrap: anywhere; }
.long { min-width: 14rem; overflow-wrap: anywhere; }
.number { text-align: right; white-space: nowrap; }
.time { white-space: nowrap; }
.bar { display: block; width: 7rem; height: .75rem; margin: .375rem 0 0 auto; background: var(--soft); }
.bar rect, .chart rect { fill: var(--bar); }
.chart { display: block; width: 100%; height: 8rem; background: var(--soft); }
details { margin: .5rem 0; }
summary { cursor: pointer; color: var(--link); font-size: .875rem; width: fit-content; }
pre {
  margin: .5rem 0; padding: .75rem; background: var(--soft); border: 1px solid var(--line);
  border-radius: 4px; white-space: pre-wrap; overflow-wrap: anywhere;
  font: .8125rem/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace;
}
bdi { unicode-bidi: isolate; }
dl.facts { display: grid; grid-template-columns: max-content 1fr; gap: .125rem 1.25rem; margin: .5rem 0; }
dl.facts dt { color: var(--quiet); }
dl.facts dd { margin: 0; overflow-wrap: anywhere; }
.sheet { display: grid; grid-template-columns: repeat(auto-fill, minmax(6.25rem, 1fr)); gap: .5rem .75rem; list-style: none; padding: 0; max-width: none; }
.sheet li { margin: 0; min-width: 0; break-inside: avoid; }
.sheet span[aria-hidden] { display: block; font-size: .75rem; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
.thumbnail { display: block; width: 96px; height: 96px; object-fit: contain; background: var(--soft); border-radius: 4px; }
.thumbnail.none { display: flex; align-items: center; justify-content: center; color: var(--quiet); font-size: .75rem; }
@media (max-width: 30rem) {
  header, main, footer { padding-left: .875rem; padding-right: .875rem; }
  h1 { font-size: 1.375rem; }
  dl.facts { grid-template-columns: 1fr; gap: 0; }
  dl.facts dd { margin-bottom: .5rem; }
}
@media print {
  :root {
    --page: #ffffff; --text: #000000; --quiet: #444444; --line: #bbbbbb; --soft: #f4f4f4;
    --link: #000000; --bar: #555555; --bad: #000000; --good: #000000;
  }
  body { font-size: 10pt; }
  header, main, footer { max-width: none; padding: 0; }
  nav, details:not([open]) { display: none; }
  h2, h3 { break-after: avoid; }
  h2 { margin-top: 1.5rem; }
  tr, pre { break-inside: avoid; }
  thead { display: table-header-group; }
  .scroll { overflow: visible; }
  .text, .long { min-width: 0; }
  .bar { width: 4rem; }
  .bar, .chart { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
`;
