"""How the report looks: old = blue, new = orange, error = vermilion, correct = teal; light and dark."""

STYLE = """
:root { color-scheme: light dark; --ink: #1b1f24; --soft: #5b6570; --line: #d9dee4; --page: #fff; --card: #f6f8fa;
  --old: #0072b2; --new: #b85c00; --error: #c04a00; --correct: #00785a; --bound: #8a94a0; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ed; --soft: #9aa4af; --line: #333b44; --page: #12161b;
  --card: #1b2129; --old: #5bb4e5; --new: #f0a13a; --error: #ff7d45; --correct: #2fc39b; --bound: #6d7782; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2rem 1.5rem 4rem; max-width: 68rem; background: var(--page); color: var(--ink);
  font: 15px/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.35rem; margin: 0 0 .2rem; } h2 { font-size: 1.1rem; margin: 2.2rem 0 .7rem; }
h3 { font-size: 1rem; margin: 0; } p { margin: .3rem 0; }
.soft { color: var(--soft); } .verdict { font-size: 1.25rem; line-height: 1.4; margin: 1rem 0; }
.tiles { display: flex; flex-wrap: wrap; gap: .8rem; }
.tile { background: var(--card); border: 1px solid var(--line); border-radius: 6px;
  padding: .6rem 1rem; min-width: 8rem; }
.tile b { display: block; font-size: 1.5rem; } .tile.old b { color: var(--old); } .tile.new b { color: var(--new); }
.ladder { width: 100%; max-width: 52rem; font-size: 13px; } .ladder text { fill: var(--ink); }
.ladder .today { fill: var(--soft); } .ladder .gain { fill: var(--correct); }
.ladder .bound { fill: var(--bound); fill-opacity: .45; stroke: var(--bound); stroke-dasharray: 4 3; }
details { border: 1px solid var(--line); border-radius: 6px; margin: .4rem 0; padding: .5rem .9rem; }
summary { cursor: pointer; } summary h3 { display: inline; }
.tag { border: 1px solid currentColor; border-radius: 9px; padding: 0 .5rem; font-size: .8rem; margin-left: .4rem; }
.tag.supported, .tag.errored { color: var(--error); } .tag.refuted { color: var(--correct); }
.tag.inconclusive, .tag.not_testable { color: var(--soft); }
table { border-collapse: collapse; width: 100%; margin: .4rem 0; font-size: .9rem; }
th, td { text-align: left; padding: .25rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top; }
th { color: var(--soft); font-weight: 600; } .number { text-align: right; font-variant-numeric: tabular-nums; }
pre { background: var(--card); border: 1px solid var(--line); border-radius: 6px; padding: .6rem .9rem;
  overflow-x: auto; font-size: .85rem; white-space: pre-wrap; }
.strip { display: flex; flex-wrap: wrap; gap: .5rem; margin: .5rem 0 1.2rem; }
figure { margin: 0; width: 92px; font-size: .75rem; }
figure img, .blank { width: 92px; height: 92px; object-fit: contain;
  background: var(--card); border: 1px solid var(--line); border-radius: 4px; image-rendering: auto; }
.blank { display: flex; align-items: center; justify-content: center; color: var(--soft); }
figcaption { line-height: 1.25; margin-top: .15rem; display: -webkit-box; -webkit-box-orient: vertical;
  -webkit-line-clamp: 4; overflow: hidden; } .old { color: var(--old); } .new { color: var(--new); }
.wrong { color: var(--error); }
footer { margin-top: 3rem; border-top: 1px solid var(--line); padding-top: .6rem; font-size: .8rem; }
@page { margin: 14mm; }
@media print {
  :root { color-scheme: light; --ink: #1b1f24; --soft: #5b6570; --line: #d9dee4; --page: #fff; --card: #f6f8fa;
    --old: #0072b2; --new: #b85c00; --error: #c04a00; --correct: #00785a; --bound: #8a94a0; }
  body { padding: 0; max-width: none; font-size: 12px; print-color-adjust: exact; }
  figure, tr, .tile, .ladder, pre { break-inside: avoid; } h2, h3, summary { break-after: avoid; }
  thead { display: table-header-group; } details:not([open]) { border: 0; padding: 0; }
}
"""
