/**
 * The look of a report page: one set of colours for light, one for dark; calm type, thin rules, numbers that align.
 *
 * Colours of series and marks are from the palette of Okabe and Ito (2008), which colour-blind readers can tell apart, darker
 * on light and lighter on dark ground; every mark has a sign as well.
 */

const LIGHT = `color-scheme:light;--paper:#fff;--raised:#f6f7f9;--ink:#1a1e24;--soft:#59626e;--rule:#e1e5ea;--edge:#b9c1cb;--link:#0b5a9e;
--failed:#b03a0c;--failed-ground:#fbe9e1;--degraded:#7d5600;--degraded-ground:#fcf1d7;--unknown:#59626e;--unknown-ground:#eceff3;--survived:#00664c;--survived-ground:#dff3ec;
--s0:#0072b2;--s1:#c04f00;--s2:#007d5b;--s3:#a5447c;--s4:#8a6200;--s5:#2b7fb0;--s6:#5b4a9e;--s7:#4a4f57;
--heat0:#e9eef4;--heat1:#0b4f8a;--away:#d55e00;--cordoned:#9aa3ae;--absent:#fff;--fault:#d55e0033;--fault-edge:#c04f00;`;

const DARK = `color-scheme:dark;--paper:#14171b;--raised:#1c2026;--ink:#e4e7eb;--soft:#9ba5b1;--rule:#2b313a;--edge:#4a535f;--link:#7ab8f5;
--failed:#ff9466;--failed-ground:#3a2018;--degraded:#f0bd4f;--degraded-ground:#352a12;--unknown:#a7b0bb;--unknown-ground:#272c34;--survived:#4fd1a5;--survived-ground:#12332a;
--s0:#56b4e9;--s1:#ff8c4a;--s2:#3fcf9f;--s3:#e39ac4;--s4:#f0c24f;--s5:#9fd3f5;--s6:#b3a6f0;--s7:#c3c9d1;
--heat0:#232b35;--heat1:#7fc4ff;--away:#ff7a33;--cordoned:#6b7480;--absent:#14171b;--fault:#ff7a3333;--fault-edge:#ff8c4a;`;

const SERIES = Array.from({ length: 8 }, (_, index) => {
  return `svg .line.s${index}{stroke:var(--s${index})}svg .dot.s${index},svg text.s${index}{fill:var(--s${index})}`;
}).join('');

/** The style sheet of every page. */
export const PAGE_STYLE = `:root{${LIGHT}}
@media (prefers-color-scheme:dark){:root:not([data-theme=light]){${DARK}}}
:root[data-theme=dark]{${DARK}}
*{box-sizing:border-box}
html{scroll-padding-top:1rem}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;-webkit-text-size-adjust:100%}
header,main,footer{max-width:70rem;margin:0 auto;padding:0 1.5rem}
header{display:flex;flex-wrap:wrap;gap:.5rem 1.5rem;align-items:baseline;padding-top:2rem}
header .name{font-weight:600;letter-spacing:.02em}
header nav{display:flex;flex-wrap:wrap;gap:0 1.25rem;flex:1}
h1{font-size:1.75rem;line-height:1.25;font-weight:600;margin:1.5rem 0 .25rem;overflow-wrap:anywhere}
h2{font-size:1.3rem;font-weight:600;margin:3rem 0 .5rem;padding-top:1.25rem;border-top:1px solid var(--rule);overflow-wrap:anywhere}
main>section:first-of-type>h2{border-top:0;padding-top:0;margin-top:1.5rem}
h3{font-size:1.05rem;font-weight:600;margin:2.25rem 0 .5rem;overflow-wrap:anywhere}
h4{font-size:.95rem;font-weight:600;margin:1.25rem 0 .25rem}
p,ul{margin:.5rem 0}ul{padding-left:1.25rem}
a{color:var(--link);text-underline-offset:.15em}
:focus-visible{outline:2px solid var(--link);outline-offset:2px;border-radius:2px}
.facts,.note,figcaption .note,.key,footer{color:var(--soft);font-size:.875rem;font-weight:400}
.verdict{font-size:1.05rem;display:flex;flex-wrap:wrap;gap:.25rem .9rem;align-items:baseline}
.hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.mark{display:inline-block;white-space:nowrap;border-radius:3px;padding:0 .45em;font-size:.875rem;font-weight:600;line-height:1.6;text-decoration:none}
.mark .sign{font-family:ui-monospace,Menlo,Consolas,monospace}
${['failed', 'degraded', 'unknown', 'survived'].map((mark) => `.mark.${mark}{color:var(--${mark});background:var(--${mark}-ground)}`).join('')}
.scroll{position:relative;overflow-x:auto;margin:.75rem 0}
table{border-collapse:collapse;font-size:.875rem;line-height:1.4;font-variant-numeric:tabular-nums}
caption{text-align:left;color:var(--soft);padding:0 0 .35rem}
caption.hidden{padding:0}
th,td{text-align:left;vertical-align:baseline;padding:.3rem .9rem .3rem 0;border-bottom:1px solid var(--rule);font-weight:400;white-space:nowrap}
td:last-child,th:last-child{padding-right:0;min-width:4rem}td:last-child:not(.n){white-space:normal}tr>td:last-child:not(.n):not(.cell){min-width:14rem}
thead th{color:var(--soft);border-bottom-color:var(--edge)}
.n{text-align:right}
tr:target>*{background:var(--raised)}
.matrix th[scope=row]{padding-right:1.25rem;white-space:normal;min-width:13rem}.matrix td.cell,.matrix thead th+th{text-align:center;padding:.2rem .4rem}.matrix thead th{font-size:.8125rem;line-height:1.2;vertical-align:bottom}.matrix thead th+th{white-space:normal;max-width:6.5rem}
.matrix a.mark{min-width:2rem;text-align:center}
button,select,input{font:inherit;color:inherit;max-width:100%}
button,select{border:1px solid var(--edge);border-radius:4px;background:var(--paper);padding:.15rem .6rem;font-size:.875rem;cursor:pointer}
button:hover{background:var(--raised)}
.command{display:flex;gap:.5rem;align-items:flex-start;margin:.35rem 0 .75rem}
.command code{flex:1;min-width:0;background:var(--raised);border-radius:4px;padding:.3rem .6rem;font:.8125rem/1.5 ui-monospace,Menlo,Consolas,monospace;overflow-wrap:anywhere}
.finding{border-left:3px solid var(--rule);padding-left:.9rem;margin:1rem 0}.finding p{margin:.15rem 0}
.workload{margin-bottom:1rem}
figure{margin:1.5rem 0}figcaption{font-weight:600;font-size:.95rem;margin-bottom:.35rem}
svg.plot{display:block;width:100%;min-width:38rem;max-width:52rem;height:auto}
svg text{font-size:12px;fill:var(--soft);font-family:inherit}
svg .grid line{stroke:var(--rule)}svg text.row,svg text.label{fill:var(--ink)}svg line.row{stroke:var(--rule)}
svg .line{fill:none;stroke-width:1.75;stroke-linejoin:round}svg .lead{stroke:var(--edge);fill:none}
svg .bound{stroke:var(--ink);stroke-width:2;fill:none}svg .cross{stroke:var(--failed);stroke-width:2;fill:none}
svg .area{fill:var(--s0);opacity:.16}svg .floor{stroke:var(--failed);stroke-dasharray:5 4;fill:none;stroke-width:1.5}
svg .band{fill:var(--fault)}svg .zero{stroke:var(--ink)}svg .range{stroke-width:2.25;fill:none}
svg .range.clear{stroke:var(--s0)}svg .range.open{stroke:var(--soft)}svg .dot.clear{fill:var(--s0)}svg .dot.open{fill:var(--paper);stroke:var(--soft);stroke-width:2}
svg.inline{width:14px;height:14px;vertical-align:-2px}
${SERIES}
details.data{margin:.5rem 0}details.data>summary{cursor:pointer;color:var(--soft);font-size:.875rem}
footer{border-top:1px solid var(--rule);margin-top:3rem;padding-top:1rem;padding-bottom:3rem}
@media (max-width:40rem){header nav{order:3;flex-basis:100%}header button{margin-left:auto}header,main,footer{padding-left:1rem;padding-right:1rem}h1{font-size:1.4rem}.command{flex-direction:column;gap:.25rem}}
@media print{header nav,header button,.copy,.controls{display:none}body{font-size:11pt}.scroll{overflow:visible}h2,h3{break-after:avoid}figure,.finding,tr{break-inside:avoid}svg.plot{min-width:0}}
`;
