#!/usr/bin/env node
/** The command `sluice`: takes the arguments, and turns every end into an exit status. */

import { readFileSync } from 'node:fs';
import { CommanderError, createCommand } from 'commander';
import { SluiceError } from '../errors.js';
import { refuseLostBytes } from './arguments.js';
import { complain, endOnLostOutput } from './terminal.js';

/** Exit status for a command line that is wrong. */
const usage = 2;

const help = `
Examples:
  sluice sum data.root         the checksum of a file
  sluice sum -c SUMS           verify the files of a list
  sluice attr set data.root    keep a checksum with a file
  sluice verify /storage       compare a tree with the checksums kept in it
  sluice copy data.root /mnt   copy it, and print its checksum as stored
  sluice probe                 what works on this machine, and why not
  sluice compare data.root     which engine is the faster one here

"sluice COMMAND --help" tells more of each, its exit status included.`;

endOnLostOutput();

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

const program = createCommand('sluice')
  .description('Checksums computed in the Linux kernel while data moves, and with SIMD in user space.')
  .version(version)
  .addHelpText('after', help)
  .showHelpAfterError("Try 'sluice --help', or 'sluice COMMAND --help', for more information.")
  .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'sluice: ')) })
  .exitOverride();

try {
  refuseLostBytes(process.argv.slice(2));
  // Not imported above, because they load the addon, whose absence must end in a sentence too.
  const { sumCommand } = await import('./sum.js');
  const { attrCommand } = await import('./attr.js');
  const { verifyCommand } = await import('./verify.js');
  const { copyCommand } = await import('./copy.js');
  const { probeCommand } = await import('./probe.js');
  const { compareCommand } = await import('./compare.js');
  const { benchCommand } = await import('./bench.js');
  program.addCommand(sumCommand());
  program.addCommand(attrCommand());
  program.addCommand(verifyCommand());
  program.addCommand(copyCommand());
  program.addCommand(probeCommand());
  program.addCommand(compareCommand());
  program.addCommand(benchCommand());
  for (const command of program.commands) command.copyInheritedSettings(program);
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : usage;
  } else if (error instanceof SluiceError) {
    if (error.code !== 'ERR_SLUICE_ABORTED') complain(error.message);
    process.exitCode = error.exitStatus;
  } else {
    throw error;
  }
}
