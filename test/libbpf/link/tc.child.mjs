import { existsSync } from 'node:fs';
import { attachTc } from '../../../dist/libbpf/index.js';
import { hits, hooks, sendDatagrams, tool } from './child.mjs';

tool('ip', 'link', 'set', 'lo', 'up');
const loopback = 1;

async function seen(program) {
  const loaded = hooks(program);
  const link = attachTc(loaded.program(program), loopback);
  await sendDatagrams(5);
  const attached = hits(loaded);
  let info;
  try {
    info = link.info().type;
  } catch (error) {
    info = error.code;
  }
  link.close();
  await sendDatagrams(5);
  return { attached, closed: hits(loaded), info };
}

try {
  tool('modprobe', '--quiet', 'sch_ingress');
} catch {
  // It may be built in, or not be there.
}
const module = existsSync('/sys/module/sch_ingress');
try {
  const ingress = await seen('on_ingress');
  const egress = await seen('on_egress');
  const { closed } = ingress;
  console.log(
    JSON.stringify({ module, ingress: ingress.attached, egress: egress.attached, closed, info: egress.info }),
  );
} catch (error) {
  console.log(JSON.stringify({ module, refused: error.code }));
}
