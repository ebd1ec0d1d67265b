/** The style sheet of the pages: one scale of sizes and spaces, light and dark, narrow and wide. */
import { PALETTE } from '../../report/html/palette';

export const STYLE = `${PALETTE}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; scrollbar-color: var(--line) var(--page); }
body {
  margin: 0; background: var(--page); color: var(--text);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif;
}
a { color: var(--link); text-underline-offset: .15em; }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
main:focus { outline: none; }
.skip { position: absolute; left: -100rem; }
.skip:focus { left: .5rem; top: .5rem; background: var(--page); padding: .5rem; z-index: 2; }
.visually-hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.top {
  display: flex; flex-wrap: wrap; align-items: baseline; justify-content: space-between; gap: 0 1.5rem;
  padding: .5rem 1.25rem; border-bottom: 1px solid var(--line); background: var(--soft);
}
.top ul { display: flex; flex-wrap: wrap; gap: 0 1.25rem; list-style: none; margin: 0; padding: 0; }
.top a { display: block; padding: .375rem 0; text-decoration: none; }
.top a[aria-current] { color: var(--text); font-weight: 600; box-shadow: 0 2px var(--link); }
.age { margin: 0; color: var(--quiet); font-size: .875rem; }
main { max-width: 68rem; margin: 0 auto; padding: 1.5rem 1.25rem 3rem; }
.wide main { max-width: none; padding: 1rem 1.25rem 0; }
h1 { font-size: 1.75rem; line-height: 1.2; margin: 0 0 1rem; overflow-wrap: anywhere; }
h2 { font-size: 1.25rem; line-height: 1.3; margin: 2rem 0 .5rem; overflow-wrap: anywhere; }
h2.first { margin-top: 0; }
h3 { font-size: 1rem; margin: 1.5rem 0 .5rem; }
p, ul, ol { margin: .5rem 0; max-width: 46rem; }
.quiet { color: var(--quiet); }
.kicker { color: var(--quiet); margin: 0; }
.state { font-weight: 600; white-space: nowrap; }
.state.good { color: var(--good); }
.state.bad { color: var(--bad); }
.note { padding: .5rem .75rem; border-left: 4px solid var(--bar); background: var(--soft); max-width: none; }
.note.bad { border-color: var(--bad); }
bdi { unicode-bidi: isolate; }
code, pre { font: .8125rem/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
pre {
  margin: .5rem 0; padding: .75rem; background: var(--soft); border: 1px solid var(--line);
  border-radius: 4px; white-space: pre-wrap; overflow-wrap: anywhere;
}
details { margin: .5rem 0; }
summary { cursor: pointer; color: var(--link); font-size: .875rem; width: fit-content; }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(11rem, 1fr)); gap: .75rem; padding: 0; list-style: none; max-width: none; }
.card {
  display: flex; flex-direction: column; height: 100%; padding: .75rem 1rem; border: 1px solid var(--line); border-radius: 6px;
  background: var(--soft); color: var(--text); text-decoration: none; border-top: 4px solid var(--line);
}
.card:hover { border-color: var(--link); }
.card.stored { border-top-color: var(--good); }
.card.failed { border-top-color: var(--bad); }
.card .amount { font-size: 1.75rem; line-height: 1.2; font-weight: 600; font-variant-numeric: tabular-nums; }
.card .quiet { font-size: .875rem; }
.scroll { position: relative; overflow-x: auto; max-width: 100%; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
caption { text-align: left; color: var(--quiet); padding: .25rem 0; font-size: .875rem; }
th, td { text-align: left; vertical-align: top; padding: .375rem .75rem .375rem 0; border-bottom: 1px solid var(--line); }
thead th { color: var(--quiet); font-weight: 600; font-size: .875rem; white-space: nowrap; }
tbody th { font-weight: 500; }
.text { min-width: 9rem; overflow-wrap: anywhere; }
.long { min-width: 14rem; overflow-wrap: anywhere; }
th.number, td.number { text-align: right; white-space: nowrap; padding-right: 1.5rem; }
th.time, td.time { white-space: nowrap; }
.bar { display: block; width: 7rem; height: .75rem; margin: .375rem 0 0 auto; background: var(--soft); }
.bar rect, .chart rect { fill: var(--bar); }
.chart { display: block; width: 100%; height: 8rem; background: var(--soft); }
dl.facts { display: grid; grid-template-columns: minmax(6rem, max-content) 1fr; gap: .25rem 1.25rem; margin: .5rem 0; }
dl.facts dt { color: var(--quiet); overflow-wrap: anywhere; }
dl.facts dd { margin: 0; min-width: 0; overflow-wrap: anywhere; white-space: pre-line; }
.neighbours { display: flex; flex-wrap: wrap; gap: 0 1.25rem; list-style: none; margin: 0 0 .5rem; padding: 0; font-size: .875rem; }
dl.measures { display: grid; grid-template-columns: repeat(auto-fill, minmax(16rem, 1fr)); gap: .75rem; margin: .75rem 0; }
dl.measures > div { padding: .625rem .875rem; border: 1px solid var(--line); border-radius: 6px; background: var(--soft); }
dl.measures dt { color: var(--quiet); font-size: .875rem; }
dl.measures dd { display: flex; flex-direction: column; gap: .25rem; margin: 0; font-size: .875rem; }
dl.measures .amount { font-size: 1.375rem; line-height: 1.2; font-weight: 600; font-variant-numeric: tabular-nums; }
.rank { display: block; width: 100%; height: .5rem; background: var(--page); border: 1px solid var(--line); border-radius: 3px; }
.rank rect { fill: var(--bar); }
.palette { display: block; width: 100%; height: 2rem; border: 1px solid var(--line); border-radius: 6px; }
.swatches { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; list-style: none; padding: 0; max-width: none; font-size: .875rem; }
.swatch { width: .875rem; height: .875rem; vertical-align: -.125rem; border: 1px solid var(--line); border-radius: 2px; }
a.value { color: inherit; text-decoration: underline dotted var(--quiet); }
a.value:hover { color: var(--link); }
progress { display: block; width: 100%; max-width: 46rem; height: 1rem; margin-top: .25rem; accent-color: var(--bar); }
.actions { display: flex; flex-wrap: wrap; gap: .75rem; margin: 1rem 0; }
.button, button {
  display: inline-block; padding: .375rem .875rem; border: 1px solid var(--line); border-radius: 6px; background: var(--soft);
  color: var(--link); font: inherit; text-decoration: none; cursor: pointer;
}
.button:hover, button:hover { border-color: var(--link); }
input, select { font: inherit; color: inherit; background: var(--page); border: 1px solid var(--quiet); border-radius: 6px; padding: .375rem .5rem; max-width: 100%; }
input::placeholder { color: var(--quiet); opacity: 1; }
.tabs ul { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; list-style: none; padding: 0; }
.tabs a[aria-current] { color: var(--text); font-weight: 600; text-decoration: none; }
.split { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); gap: 2rem; align-items: start; }
img.large { display: block; max-width: 100%; max-height: 70vh; background: var(--soft); border: 1px solid var(--line); border-radius: 6px; }
.no-picture {
  display: flex; align-items: center; justify-content: center; text-align: center; color: var(--quiet); font-size: .875rem;
  height: 150px; padding: .5rem; background: var(--soft); border-radius: 4px; overflow-wrap: anywhere;
}
.no-picture.large { display: block; height: auto; padding: 3rem 1rem; border: 1px dashed var(--line); }
.strip { display: grid; grid-template-columns: repeat(auto-fill, minmax(8.5rem, 1fr)); gap: .75rem; list-style: none; padding: 0; max-width: none; }
.tile { position: relative; display: block; border-radius: 4px; color: var(--text); text-decoration: none; font-size: .875rem; }
.tile img { display: block; width: 100%; height: 150px; object-fit: contain; background: var(--soft); border-radius: 4px; }
.tile:hover .tile-name { text-decoration: underline; }
.tile.loading { height: 172px; background: var(--soft); }
.tile-name { display: block; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; padding-top: .125rem; }
.tile-note { color: var(--quiet); }
#grid .tile-note { position: absolute; left: .25rem; top: .25rem; padding: 0 .375rem; border-radius: 3px; background: var(--page); color: var(--bad); }
.search { display: flex; flex-wrap: wrap; gap: .5rem .75rem; align-items: end; }
.search label { display: flex; flex-direction: column; font-size: .875rem; color: var(--quiet); }
.search label input, .search label select { font-size: 1rem; color: var(--text); }
.search .grow { flex: 1 1 14rem; }
.sql label { display: block; color: var(--quiet); font-size: .875rem; }
textarea { font: .875rem/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; color: inherit; background: var(--page); border: 1px solid var(--quiet); border-radius: 6px; padding: .5rem; width: 100%; max-width: 68rem; resize: vertical; }
pre.place { white-space: pre; overflow-x: auto; }
.chips { display: flex; flex-wrap: wrap; gap: .5rem; list-style: none; padding: 0; max-width: none; }
.chip { display: inline-block; padding: .125rem .625rem; border: 1px solid var(--link); border-radius: 1rem; text-decoration: none; font-size: .875rem; overflow-wrap: anywhere; }
.gallery { display: grid; grid-template-columns: 15rem minmax(0, 1fr); gap: 1.25rem; margin-top: .75rem; }
.filters summary { color: var(--quiet); }
.filters label { display: flex; flex-direction: column; margin-top: .5rem; font-size: .875rem; color: var(--quiet); }
.filters select { color: var(--text); }
.filters h2 { font-size: .875rem; color: var(--quiet); margin: 1rem 0 .25rem; }
.filters ul { list-style: none; padding: 0; margin: 0; font-size: .875rem; }
.filters li a { display: flex; justify-content: space-between; gap: .5rem; padding: .125rem .375rem; border-radius: 4px; text-decoration: none; overflow-wrap: anywhere; }
.filters li a:hover { background: var(--soft); }
.filters li a span { color: var(--quiet); white-space: nowrap; font-variant-numeric: tabular-nums; }
.filters li a[aria-current] { background: var(--soft); color: var(--text); font-weight: 600; }
.grid-bar { display: flex; flex-wrap: wrap; justify-content: space-between; align-items: center; gap: .25rem 1rem; margin-bottom: .5rem; font-size: .875rem; }
.grid-bar output { color: var(--quiet); font-variant-numeric: tabular-nums; }
.grid-bar input { width: 7rem; padding: .125rem .375rem; }
.grid-bar button { padding: .125rem .625rem; }
#grid { position: relative; height: calc(100vh - 13rem); min-height: 26rem; overflow-y: scroll; contain: strict; border-top: 1px solid var(--line); }
#room { position: relative; overflow: hidden; }
.grid-row { position: absolute; left: 0; right: 0; height: 188px; display: grid; gap: .75rem; padding: 6px; }
.group { border-top: 1px solid var(--line); margin-top: 1.5rem; }
.group h2 { margin: .75rem 0 0; }
@media (min-width: 50rem) { tbody th.text { min-width: 14rem; } }
@media (max-width: 50rem) {
  .gallery, .split { grid-template-columns: minmax(0, 1fr); gap: .75rem; }
  .top, main, .wide main { padding-left: .875rem; padding-right: .875rem; }
  .age-long { display: none; }
  #grid { height: 75vh; }
}
@media (max-width: 30rem) {
  table { font-size: .875rem; }
  .text { min-width: 7.5rem; }
  h1 { font-size: 1.375rem; }
  dl.facts { grid-template-columns: minmax(0, 1fr); gap: 0; }
  dl.facts dd { margin-bottom: .5rem; }
}
@media (prefers-reduced-motion: no-preference) {
  .tile.loading { animation: pulse 1.2s ease-in-out infinite alternate; }
  @keyframes pulse { from { opacity: .5; } to { opacity: 1; } }
}
`;

/** A small picture frame. */
export const ICON =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect x="1" y="2" width="14" height="12" rx="2" fill="#2f6feb"/><path d="M3 12l3-4 2 2 3-4 3 6z" fill="#fff"/></svg>';
