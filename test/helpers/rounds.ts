/**
 * How often a test repeats what hangs on luck, or how many it does at once. SLUICE_ROUNDS says so for emulated machines,
 * which are slow, and for `npm run test:soak`.
 */
export function rounds(usual: number): number {
  return Number(process.env['SLUICE_ROUNDS'] ?? usual);
}
