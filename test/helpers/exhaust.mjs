import { openSync } from 'node:fs';

/** Takes every descriptor that the process may have, and returns them. */
export function exhaust() {
  const taken = [];
  try {
    for (;;) taken.push(openSync('/dev/null'));
  } catch (error) {
    if (error.code !== 'EMFILE') throw error;
  }
  return taken;
}
