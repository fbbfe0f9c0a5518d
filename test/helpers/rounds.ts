/**
 * How often a test repeats what hangs on luck, or how many it does at once. SLUICE_SHARE says which part of that is done in
 * emulated machines, which are slow.
 */
export function rounds(usual: number): number {
  return Math.max(1, Math.round(usual * Number(process.env['SLUICE_SHARE'] ?? 1)));
}

/**
 * A seed for each round, as many as `rounds` says; there are 999 others up to the next one. `npm run soak` says for how many
 * minutes instead (SLUICE_MINUTES), and perhaps which is the first (SLUICE_SEED). There they are printed as they come: of a
 * kernel that goes down, the last one is known.
 *
 * @param part of these minutes, where several tests have to share them
 */
export function* seeds(usual: number, part = 1): Generator<number> {
  const minutes = process.env['SLUICE_MINUTES'];
  const end = Date.now() + Number(minutes) * part * 60_000;
  let seed = Number(process.env['SLUICE_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
  let done = 0;
  do {
    if (minutes) console.info(`seed ${seed}`);
    yield seed;
    seed += 1000;
    done++;
  } while (minutes ? Date.now() < end : done < rounds(usual));
}
