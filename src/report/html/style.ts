// The style sheet of the page: system fonts, one column of text, figures beside each other where there is room. Colours are
// variables, which dark mode and print change; plots use the same.

/** Okabe and Ito's colours on white, and lighter ones of the same hues on dark. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --ink: #1c2329; --muted: #58636e; --background: #f6f7f9; --surface: #ffffff; --line: #dde2e7;
  --grid: #e6eaee; --shade: #eaf1f7; --accent: #00619a; --focus: #0072b2;
  --series-1: #0072b2; --series-2: #d55e00; --series-3: #009e73; --series-4: #b5578f; --series-5: #56b4e9; --series-6: #e69f00;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ink: #e7ebef; --muted: #a4b0bc; --background: #0f1317; --surface: #181d23; --line: #2d353e;
    --grid: #2a323a; --shade: #202c38; --accent: #7cc4f0; --focus: #8fd0f7;
    --series-1: #5bb6ec; --series-2: #f08c3c; --series-3: #2bc79a; --series-4: #dd8fbb; --series-5: #b9dff7; --series-6: #f3c04d;
  }
}
* { box-sizing: border-box; }
html { scroll-behavior: smooth; -webkit-text-size-adjust: 100%; }
body {
  margin: 0; background: var(--background); color: var(--ink);
  font: 1rem/1.6 system-ui, -apple-system, "Segoe UI", Roboto, Helvetica, Arial, sans-serif;
}
header, main, footer { max-width: 74rem; margin: 0 auto; padding: 0 clamp(1rem, 4vw, 2.5rem); }
header { padding-top: clamp(1.75rem, 5vw, 3.5rem); }
h1 { margin: 0; font-size: clamp(1.6rem, 4.5vw, 2.3rem); line-height: 1.2; letter-spacing: -0.015em; overflow-wrap: anywhere; }
h2 { margin: 0 0 0.6rem; font-size: 1.4rem; line-height: 1.3; letter-spacing: -0.01em; }
h3 { margin: 2rem 0 0.5rem; font-size: 1.05rem; line-height: 1.35; }
p, li, dd { max-width: 46rem; }
p { margin: 0 0 1rem; }
a { color: var(--accent); text-underline-offset: 0.2em; }
.eyebrow { margin: 0 0 0.4rem; color: var(--muted); font-size: 0.9rem; letter-spacing: 0.01em; }
nav ul { display: flex; flex-wrap: wrap; gap: 0.25rem 1.25rem; margin: 1.1rem 0 0; padding: 0; list-style: none; font-size: 0.95rem; }
nav a { display: inline-block; padding: 0.3rem 0; }
section { margin-top: clamp(2.5rem, 6vw, 4rem); }
#summary { margin-top: 1.75rem; }
.lead { max-width: 52rem; font-size: clamp(1.05rem, 2.4vw, 1.25rem); line-height: 1.6; }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 13.5rem), 1fr)); gap: 0.75rem; margin: 1.75rem 0 0; }
.cards > div { padding: 0.9rem 1.1rem 1rem; border: 1px solid var(--line); border-radius: 0.7rem; background: var(--surface); }
.cards dt { color: var(--muted); font-size: 0.88rem; }
.cards dd { margin: 0; }
.large { display: block; font-size: 1.75rem; line-height: 1.3; font-weight: 600; letter-spacing: -0.02em; font-variant-numeric: tabular-nums; }
.lead data, .note data { white-space: nowrap; }
.note { display: block; color: var(--muted); font-size: 0.85rem; line-height: 1.45; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 25rem), 1fr)); gap: 1rem; }
figure { display: flex; flex-direction: column; min-width: 0; margin: 0; padding: 1.1rem 1.2rem 1rem; border: 1px solid var(--line); border-radius: 0.7rem; background: var(--surface); }
figure h3 { margin: 0 0 0.6rem; }
figure svg { display: block; width: 100%; max-width: 32rem; height: auto; margin: 0 auto; }
figure details { width: 100%; }
figcaption { max-width: 46rem; margin: 0.6rem 0 auto; color: var(--muted); font-size: 0.9rem; line-height: 1.5; }
details { margin-top: 0.7rem; }
summary { width: fit-content; padding: 0.2rem 0; color: var(--accent); font-size: 0.95rem; cursor: pointer; }
details .figures { margin-top: 0.75rem; }
.scroll { max-width: 100%; margin-top: 0.5rem; overflow-x: auto; border: 1px solid var(--line); border-radius: 0.5rem; background: var(--surface); }
figure .scroll { max-height: 26rem; overflow-y: auto; }
table { width: 100%; border-collapse: collapse; font-size: 0.88rem; line-height: 1.4; font-variant-numeric: tabular-nums; }
th, td { padding: 0.4rem 0.65rem; border-bottom: 1px solid var(--line); text-align: left; white-space: nowrap; vertical-align: top; }
tbody tr:last-child > * { border-bottom: 0; }
thead th { color: var(--muted); font-weight: 600; white-space: normal; vertical-align: bottom; }
tbody th { font-weight: 500; }
.number { text-align: right; }
dl.rules dt { margin-top: 0.8rem; font-weight: 600; }
dl.rules dd { margin: 0.15rem 0 0; }
dl.facts { display: grid; gap: 0.6rem; margin: 1.25rem 0 0; }
dl.facts > div { display: grid; grid-template-columns: minmax(6.5rem, 9rem) minmax(0, 1fr); gap: 0.75rem; }
dl.facts dt { color: var(--muted); }
dl.facts dd { margin: 0; overflow-wrap: anywhere; }
code { font: 0.9em/1.5 ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; }
.hash { overflow-wrap: anywhere; }
pre { max-width: 100%; margin: 0 0 1rem; padding: 0.9rem 1.1rem; border: 1px solid var(--line); border-radius: 0.5rem; background: var(--surface); white-space: pre-wrap; overflow-wrap: anywhere; }
footer { margin-top: 4rem; padding-bottom: 3rem; color: var(--muted); font-size: 0.9rem; }
.skip { position: absolute; left: 1rem; top: -4rem; z-index: 1; padding: 0.5rem 0.9rem; border-radius: 0 0 0.5rem 0.5rem; background: var(--surface); }
.skip:focus { top: 0; }
.unseen { position: absolute; width: 1px; height: 1px; margin: -1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; border-radius: 0.25rem; }
/* A last figure without a neighbour has its words beside it. */
@media (min-width: 62rem) {
  figure:last-child:nth-child(odd) { grid-column: 1 / -1; display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); grid-template-rows: auto auto auto 1fr; column-gap: 2rem; }
  figure:last-child:nth-child(odd) svg { grid-row: 1 / 5; }
  figure:last-child:nth-child(odd) :is(h3, figcaption, details) { grid-column: 2; }
}
@media (max-width: 30rem) {
  .cards { grid-template-columns: repeat(2, minmax(0, 1fr)); }
  .cards > div { padding: 0.75rem 0.85rem; }
  .large { font-size: 1.4rem; }
  figure { padding: 0.9rem 0.8rem; }
  dl.facts > div { grid-template-columns: minmax(0, 1fr); gap: 0; }
}
@media (prefers-reduced-motion: reduce) {
  html { scroll-behavior: auto; }
  *, ::before, ::after { transition: none !important; animation: none !important; }
}
@media print {
  :root {
    color-scheme: light;
    --ink: #000000; --muted: #444444; --background: #ffffff; --surface: #ffffff; --line: #cccccc; --grid: #dddddd; --shade: #eef2f6;
    --accent: #000000;
    --series-1: #0072b2; --series-2: #d55e00; --series-3: #009e73; --series-4: #b5578f; --series-5: #56b4e9; --series-6: #e69f00;
  }
  body { font-size: 10pt; }
  header, main, footer { max-width: none; padding: 0; }
  nav, .skip { display: none; }
  section { margin-top: 1.5rem; }
  .figures { grid-template-columns: 1fr 1fr; }
  .cards { grid-template-columns: repeat(4, 1fr); }
  figure, .cards > div, tr { break-inside: avoid; }
  h2, h3 { break-after: avoid; }
  .scroll { overflow: visible; }
  th, td { white-space: normal; padding: 0.2rem 0.35rem; overflow-wrap: anywhere; }
  table { font-size: 7.5pt; }
  figure details:not([open]) { display: none; }
}
`;
