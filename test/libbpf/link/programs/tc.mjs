import { existsSync } from 'node:fs';
import { attachTc } from 'sluice/libbpf';
import { hits, hooks, sendDatagrams, tool } from './hooks.mjs';

tool('ip', 'link', 'set', 'lo', 'up');
const loopback = 1;

/** What `call` throws. */
function refusal(call) {
  try {
    return call();
  } catch (error) {
    return error.code;
  }
}

async function seen(program) {
  const loaded = hooks(program);
  const link = attachTc(loaded.program(program), loopback);
  await sendDatagrams(5);
  const attached = hits(loaded);
  const info = refusal(() => link.info().type);
  link.close();
  await sendDatagrams(5);
  return { attached, closed: hits(loaded), info };
}

/** A filter goes with its qdisc: then there is nothing left to detach. */
function closeAfterItsQdisc() {
  const link = attachTc(hooks('on_filter').program('on_filter'), loopback);
  tool('tc', 'qdisc', 'del', 'dev', 'lo', 'clsact');
  return refusal(() => link.close());
}

function hasFilters() {
  try {
    tool('modprobe', '--quiet', 'sch_ingress');
  } catch {
    // It may be built in, or not be there.
  }
  if (existsSync('/sys/module/sch_ingress')) return true;
  try {
    tool('tc', 'qdisc', 'add', 'dev', 'lo', 'clsact');
    return true;
  } catch {
    return false;
  }
}

const filters = hasFilters();
const report = { filters };
for (const program of ['on_ingress', 'on_egress', 'on_filter']) {
  try {
    report[program] = await seen(program);
  } catch (error) {
    report[program] = { refused: error.code };
  }
}
if (filters) report.afterItsQdisc = closeAfterItsQdisc();
console.log(JSON.stringify(report));
