/** How the report looks: on a narrow screen, in the dark and on paper too. */

export const style = `
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif;
  --text: #1b1f24; --page: #fff; --line: #d8dee4; --faint: #59636e; --warning: #fff8e5;
  --userspace: #0072b2; --bpf: #d55e00; --none: #c9d1d9; --other: #8c959f; }
@media (prefers-color-scheme: dark) { :root {
  --text: #e6edf3; --page: #0d1117; --line: #30363d; --faint: #9198a1; --warning: #2b2211;
  --userspace: #4ea8de; --bpf: #f0883e; --none: #484f58; --other: #6e7681; } }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: var(--text); background: var(--page); overflow-wrap: break-word; }
h1 { margin-bottom: 0; font-size: 1.5rem; }
h2 { margin-top: 2.5rem; font-size: 1.2rem; border-bottom: 1px solid var(--line); }
h3 { margin: 1.5rem 0 .3rem; font-size: 1rem; }
a { color: var(--userspace); }
.headline { font-size: 1.3rem; font-weight: 600; margin: .5rem 0; }
nav ul { columns: 16rem; padding-left: 1.2rem; }
figure { margin: .3rem 0; }
figcaption { color: var(--faint); }
.bar { display: grid; grid-template-columns: 15rem 1fr 9rem; gap: .8rem; align-items: center; padding: .1rem 0; }
.bar.userspace .name, .bar.bpf .name { font-weight: 600; }
.track { position: relative; height: 1.1rem; }
.fill { position: absolute; top: 0; bottom: 0; left: 0; border-radius: 0 2px 2px 0; }
.error { position: absolute; top: 50%; height: 0; border-top: 2px solid var(--text); }
.userspace .fill { background: var(--userspace); } .bpf .fill { background: var(--bpf); }
.none .fill { background: var(--none); } .other .fill { background: var(--other); }
.value { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.key span { margin-right: 1rem; white-space: nowrap; border-left: 1rem solid; padding-left: .4rem; }
.key .userspace { border-color: var(--userspace); } .key .bpf { border-color: var(--bpf); }
.key .none { border-color: var(--none); } .key .other { border-color: var(--other); }
.wide { overflow-x: auto; }
table { border-collapse: collapse; margin: .5rem 0 1.5rem; font-variant-numeric: tabular-nums; }
th, td { padding: .2rem .8rem .2rem 0; text-align: left; border-bottom: 1px solid var(--line); }
td.number, th.number { text-align: right; white-space: nowrap; }
ul.warnings { background: var(--warning); border-left: .3rem solid #e69f00; padding: .5rem 1rem .5rem 2rem; }
@media (max-width: 40rem) {
  .bar { grid-template-columns: 1fr auto; row-gap: 0; padding: .25rem 0; }
  .track { grid-column: 1 / -1; order: 3; height: .8rem; }
}
@media print { .fill { print-color-adjust: exact; } }`;
