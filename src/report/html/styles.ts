/**
 * The page's style sheet. Text has a contrast of at least 4.5 : 1, lines of at least 3 : 1. The models' colours differ as
 * much as possible for people with and without colour blindness.
 */
export const STYLES = `
:root {
  color-scheme: light;
  --page: #f6f8fa; --card: #ffffff; --ink: #1b1f24; --muted: #535c66; --grid: #d8dee4; --line: #848d97;
  --accent: #b0126b; --link: #0b5cad;
  --curve-front: #0b5cad; --curve-zero: #b04a00; --curve-oracle: #1a7f37; --curve-other: #6f42c1;
  --mark-single: #444c56; --mark-chosen: #b0126b; --mark-knee: #7a5c00;
  --model-0: #4242f0; --model-1: #a5a50d; --model-2: #59264f; --model-3: #1daf57; --model-4: #4a0da5; --model-5: #ea7ba7;
  --model-6: #47471f; --model-7: #5a78f2; --model-8: #8e5a0b; --model-9: #c270c2; --model-10: #367d60; --model-11: #5e3d8f;
  --model-rest: #8c959f;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    color-scheme: dark;
    --page: #0d1117; --card: #161b22; --ink: #e6edf3; --muted: #a3adb8; --grid: #30363d; --line: #7d8690;
    --accent: #ff7bc8; --link: #79b8ff;
    --curve-front: #58a6ff; --curve-zero: #f0883e; --curve-oracle: #56d364; --curve-other: #d2a8ff;
    --mark-single: #c9d1d9; --mark-chosen: #ff7bc8; --mark-knee: #e3b341;
    --model-0: #a1a1f7; --model-1: #68a50d; --model-2: #8f3d8f; --model-3: #e0d0b8; --model-4: #4242f0; --model-5: #bedf3a;
    --model-6: #6e5b12; --model-7: #a7d3f1; --model-8: #0a764b; --model-9: #c270a1; --model-10: #2b79ee; --model-11: #2bee79;
    --model-rest: #6e7681;
  }
}
* { box-sizing: border-box; }
html { font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
body { margin: 0; background: var(--page); color: var(--ink); overflow-wrap: break-word; }
header, main, footer { max-width: 1280px; margin: 0 auto; padding: 0 1rem; }
header { padding-top: 1.5rem; }
footer { padding-bottom: 2rem; color: var(--muted); }
main:focus { outline: none; }
.brand { margin: 0; color: var(--muted); font-weight: 600; }
h1 { margin: 0 0 1rem; font-size: clamp(1.5rem, 1rem + 2vw, 2.2rem); line-height: 1.2; }
h2 { margin: 0 0 .5rem; font-size: 1.3rem; line-height: 1.3; }
h3 { margin: 1.25rem 0 .5rem; font-size: 1rem; }
p { margin: 0 0 .75rem; max-width: 75ch; }
section { background: var(--card); border: 1px solid var(--grid); border-radius: 10px; padding: 1.25rem; margin-bottom: 1rem; }
[hidden] { display: none !important; }
.lead, .hint, .note { color: var(--muted); }
.hint { font-size: .9rem; }
.warning { padding: 0 1rem; font-weight: 600; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.skip { position: absolute; left: -999px; }
.skip:focus { left: 1rem; top: .5rem; padding: .5rem 1rem; background: var(--card); z-index: 2; }
a { color: var(--link); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
#sentences p:first-child { font-size: 1.15rem; font-weight: 600; }
dl, dd, dt { margin: 0; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(170px, 1fr)); gap: .75rem; margin-top: 1rem; }
.figures > div { border: 1px solid var(--grid); border-radius: 8px; padding: .75rem; min-width: 0; overflow-wrap: anywhere; }
.figures dt { color: var(--muted); font-size: .9rem; }
.figures dd { font-size: 1.4rem; font-weight: 600; font-variant-numeric: tabular-nums; }
.figures dd.note { font-size: .85rem; font-weight: 400; }
.explore { display: grid; grid-template: "chart panel" auto "command panel" 1fr / minmax(0, 1fr) minmax(280px, 340px); gap: .5rem 1.5rem; }
.explore figure { grid-area: chart; }
.panel { grid-area: panel; min-width: 0; }
#command-line { grid-area: command; }
figure { margin: 0; min-width: 0; }
.chart { width: 100%; min-height: 240px; }
.square { max-width: 560px; }
.pick { cursor: crosshair; touch-action: pan-y; }
.u-axis { user-select: none; }
.axis { border: 0; margin: 0; padding: 0; font-size: .9rem; }
.axis legend { float: left; padding: 0 .75rem 0 0; color: var(--muted); }
.axis label { margin-right: .75rem; }
.legend { list-style: none; margin: .5rem 0; padding: 0; display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; font-size: .9rem; }
.legend li { display: flex; align-items: center; gap: .4rem; min-width: 0; overflow-wrap: anywhere; }
.swatch { width: 28px; height: 16px; flex: none; }
.block { width: 14px; height: 14px; border-radius: 3px; }
.panel > h3:first-child { margin-top: 0; }
input, select, button { font: inherit; color: inherit; }
input[type=range] { width: 100%; accent-color: var(--accent); margin: .25rem 0 .75rem; min-height: 28px; }
input[type=radio] { accent-color: var(--accent); }
input[type=number], input[type=search], select, button {
  background: var(--card); border: 1px solid var(--line); border-radius: 6px; padding: .35rem .6rem; min-height: 40px; max-width: 100%;
}
button { cursor: pointer; }
button:hover { border-color: var(--accent); }
input[type=number] { width: 9rem; }
.controls { display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: end; margin-bottom: .75rem; }
.field { display: inline-flex; flex-direction: column; gap: .15rem; font-size: .9rem; color: var(--muted); max-width: 100%; }
.field > * { color: var(--ink); font-size: 1rem; }
.readings > div { display: flex; justify-content: space-between; gap: 1rem; padding: .3rem 0; border-bottom: 1px solid var(--grid); }
.readings dt { color: var(--muted); }
.readings dd { font-weight: 600; font-variant-numeric: tabular-nums; text-align: right; }
#price { margin: .75rem 0 0; }
.bars { list-style: none; margin: 0; padding: 0; font-size: .9rem; }
.bars li { display: grid; grid-template-columns: minmax(0, 9.5rem) minmax(0, 1fr) 4.2rem; gap: .6rem; align-items: center; }
.bars .name { overflow-wrap: anywhere; line-height: 1.25; padding: .1rem 0; }
.bars .value { font-variant-numeric: tabular-nums; text-align: right; }
.bars .bar { height: 10px; background: var(--page); border: 1px solid var(--grid); border-radius: 4px; overflow: hidden; }
.bars .bar span { display: block; height: 100%; }
.interval { list-style: none; margin: 0 0 1rem; padding: 0; }
#rest ul.interval { padding: 0; }
.interval li { display: grid; grid-template-columns: minmax(0, 22rem) minmax(0, 1fr) 16rem; gap: .25rem 1rem; align-items: center; padding: .3rem 0; border-bottom: 1px solid var(--grid); }
.track { position: relative; height: 20px; background: var(--page); border: 1px solid var(--grid); border-radius: 4px; overflow: hidden; }
.track span { position: absolute; }
.track .zero { top: 0; bottom: 0; width: 1px; background: var(--ink); }
.track .range { top: 6px; bottom: 6px; background: var(--curve-front); opacity: .45; border-radius: 3px; }
.track .estimate { top: 3px; bottom: 3px; width: 4px; margin-left: -2px; background: var(--curve-front); border-radius: 2px; }
.interval .value { font-variant-numeric: tabular-nums; }
pre { margin: 0 0 .75rem; padding: .75rem; background: var(--page); border: 1px solid var(--grid); border-radius: 6px; white-space: pre-wrap; overflow-wrap: anywhere; font-size: .85rem; }
details { margin: .5rem 0; }
summary { cursor: pointer; color: var(--link); padding: .25rem 0; }
.scroll { overflow-x: auto; max-width: 100%; margin-bottom: .75rem; }
table { border-collapse: collapse; width: 100%; font-size: .92rem; }
.scroll table { width: auto; min-width: min(100%, 480px); }
th, td { text-align: left; padding: .4rem .75rem .4rem 0; border-bottom: 1px solid var(--grid); vertical-align: top; }
thead th { color: var(--muted); font-weight: 600; vertical-align: bottom; }
tbody th { font-weight: 500; overflow-wrap: anywhere; min-width: 8rem; max-width: 30rem; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
thead .number { white-space: normal; min-width: 5rem; }
.cards td { overflow-wrap: anywhere; }
.cards .number { overflow-wrap: normal; text-align: left; }
.cards .query { width: 45%; }
.query .id { display: block; color: var(--muted); font-size: .85rem; }
.query .none { color: var(--muted); font-style: italic; }
.status { color: var(--muted); }
#rest ul { margin: 0; padding-left: 1.25rem; }
@media (max-width: 900px) {
  .explore { grid-template: "chart" auto "panel" auto "command" auto / minmax(0, 1fr); }
}
@media (max-width: 640px) {
  .interval li { grid-template-columns: minmax(0, 1fr); }
  header, main, footer { padding-left: .5rem; padding-right: .5rem; }
  section { padding: .9rem; }
  .figures { grid-template-columns: repeat(2, minmax(0, 1fr)); gap: .5rem; }
  .figures dd { font-size: 1.15rem; }
  .cards, .cards tbody, .cards tr, .cards td { display: block; width: 100%; }
  .cards thead { position: absolute; clip-path: inset(50%); height: 1px; width: 1px; overflow: hidden; }
  .cards tr { border-bottom: 2px solid var(--grid); padding: .5rem 0; }
  .cards td { border: 0; padding: .15rem 0; display: flex; gap: .75rem; justify-content: space-between; text-align: right; white-space: normal; }
  .cards td::before { content: attr(data-title); color: var(--muted); text-align: left; flex: none; max-width: 45%; }
  .cards td.query { display: block; width: 100%; text-align: left; }
  .cards td.query::before { content: none; }
}
@media print {
  :root { --page: #ffffff; }
  html { font-size: 11px; }
  section { border: 0; padding: 0; break-inside: auto; }
  figure, .figures > div, tr { break-inside: avoid; }
  .uplot, .u-wrap { width: 100% !important; height: auto !important; }
  .uplot canvas { height: auto; }
  .bar span, .block, .track span { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  input[type=range], button, .hint, .axis, .skip, .controls { display: none; }
}
`;
