/** Of the panel's shadow root. Colours have a contrast of 4.5 or more against both backgrounds. */
export const PANEL_CSS = `
:host {
  display: block;
  --back: #fff; --box: #f3f4f6; --line: #d5d9df; --text: #1b1f24; --faint: #565e68;
  --good: #0b6b3a; --bad: #b3201b; --busy: #7a5200; --in: #0a5ea8; --out: #7b2fa0; --focus: #0a5ea8;
}
:host([data-theme='light']) { color-scheme: light }
:host([data-theme='dark']) { color-scheme: dark }
@supports (color: light-dark(#000, #fff)) {
  :host {
    --back: light-dark(#fff, #14171b); --box: light-dark(#f3f4f6, #1e2329);
    --line: light-dark(#d5d9df, #3a424c); --text: light-dark(#1b1f24, #e7eaee);
    --faint: light-dark(#565e68, #a5aeb9); --good: light-dark(#0b6b3a, #5bd08f);
    --bad: light-dark(#b3201b, #ff8f88); --busy: light-dark(#7a5200, #f0bd5a);
    --in: light-dark(#0a5ea8, #79b8f3); --out: light-dark(#7b2fa0, #d4a0f0); --focus: light-dark(#0a5ea8, #79b8f3);
  }
}
* { box-sizing: border-box }
[hidden], p:empty { display: none }
section[aria-label] {
  container-type: inline-size; padding: .75rem; background: var(--back); color: var(--text);
  font: 400 .8125rem/1.45 system-ui, sans-serif; text-align: start; overflow-wrap: anywhere;
}
h3, h4, p, dl, dd, ul, ol, fieldset { margin: 0; padding: 0; border: 0 }
h3 { font-size: 1rem; margin-block-end: .5rem }
h4 { font-size: .8125rem; margin-block: .9rem .3rem }
ul, ol { list-style: none }
.count { font-weight: 400; color: var(--faint) }
.faint, .empty, .id, dt { color: var(--faint) }
.facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 15rem), 1fr)); gap: .15rem 1.25rem }
.facts div { display: flex; gap: .5rem; border-block-end: 1px solid var(--line); padding-block: .15rem }
dt { flex: 0 0 5.5rem }
dd { min-inline-size: 0; font-variant-numeric: tabular-nums }
[data-mood] { font-weight: 600 }
[data-mood='good'] { color: var(--good) }
[data-mood='bad'] { color: var(--bad) }
[data-mood='busy'] { color: var(--busy) }
ul li { background: var(--box); border-radius: .3rem; padding: .3rem .5rem; margin-block-end: .25rem }
.what { font-weight: 600 }
.tag { border: 1px solid var(--line); border-radius: .7rem; padding: 0 .4rem }
[role='alert'] { color: var(--bad) }
code, pre, .timeline { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; font-size: .75rem }
.buttons { display: flex; flex-wrap: wrap; gap: .4rem; margin-block: .3rem }
button, select, summary, input { font: inherit; color: inherit }
button, select {
  min-block-size: 1.75rem; padding: .15rem .6rem; background: var(--box); border: 1px solid var(--faint);
  border-radius: .3rem; cursor: pointer;
}
button[aria-pressed='true'] { background: var(--text); color: var(--back) }
:focus-visible { outline: 2px solid var(--focus); outline-offset: 1px }
table { inline-size: 100%; border-collapse: collapse }
th, td { text-align: end; vertical-align: top; padding: .2rem .3rem; border-block-end: 1px solid var(--line);
  font-variant-numeric: tabular-nums }
td, thead th { overflow-wrap: break-word }
thead th { font-weight: 400; color: var(--faint) }
th:first-child, th:nth-child(2), td:nth-child(2) { text-align: start; padding-inline-start: 0 }
.id { display: block; font-weight: 400; font-size: .6875rem }
.tools { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: .25rem .75rem }
fieldset { display: flex; flex-wrap: wrap; gap: .1rem .75rem; min-inline-size: 0 }
legend { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%) }
label { min-block-size: 1.5rem; display: inline-flex; align-items: center; gap: .3rem }
.timeline { border-block-start: 1px solid var(--line); max-block-size: 26rem; overflow-y: auto }
.timeline li { border-block-end: 1px solid var(--line); padding: .15rem .25rem }
.timeline li > div { padding-inline-start: .9rem }
summary { cursor: pointer; padding-block: .2rem }
[data-kind='in'] .way, [data-kind='in'] .what { color: var(--in) }
[data-kind='out'] .way, [data-kind='out'] .what { color: var(--out) }
pre {
  margin: .25rem 0; padding: .5rem; max-block-size: 20rem; overflow: auto; background: var(--box);
  border-radius: .3rem; white-space: pre-wrap;
}
`
