#!/usr/bin/env node
/** The command `sluice`: takes the arguments, and turns every end into an exit status. */

import { debuglog } from 'node:util';
import { type Command, CommanderError, createCommand } from 'commander';
import { SluiceError } from '../errors/errors.js';
import { version } from '../version.js';
import { refuseLostBytes } from './arguments.js';
import { nameCommand, programName, tryHelp } from './output/advice.js';
import { closeAgain } from './output/closed-streams.js';
import { complain, endOnLostOutput, harmless } from './output/terminal.js';

/** Exit status for a command line that is wrong. */
const usage = 2;

const help = `
Examples:
  sluice sum data.root         the checksum of a file
  sluice sum -c SUMS           verify the files of a list
  sluice attr set data.root    keep a checksum with a file
  sluice verify /storage       compare a tree with the checksums kept in it
  sluice copy data.root /mnt   copy it, and print its checksum as stored
  sluice observe /storage      the checksums of files as other programs write them
  sluice probe                 what works on this machine, and why not
  sluice compare data.root     which engine is the faster one here

"sluice COMMAND --help" tells more of each, its exit status included.`;

/** Lets a command's errors name it, and point to its own help. */
function speakFor(command: Command, program: string): void {
  command
    .showHelpAfterError(tryHelp(program))
    .configureOutput({ outputError: (text, write) => write(`${named(text, program)}\n`) });
}

/** What commander says of an error, with the program that says it. */
function named(text: string, program: string): string {
  const shown = harmless(text.trimEnd()).replace(/\\n(?=\(Did you mean [^()]*\)$)/, '\n');
  return shown.replace(/^error:/, `${program}:`);
}

/** Commander's own prints the help of everything where there is no such command. */
function helpCommand(): Command {
  return createCommand('help')
    .description('display help for command')
    .argument('[command]')
    .action((name: string | undefined) => {
      const command = name === undefined ? program : program.commands.find((each) => each.name() === name);
      if (command) command.help();
      else program.error(`error: unknown command '${name}'`);
    });
}

/** Ends the command with a sentence, never with a stack: `NODE_DEBUG=sluice` shows that. */
function fail(error: unknown): void {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : usage;
  } else if (error instanceof SluiceError) {
    if (error.code !== 'ERR_SLUICE_ABORTED')
      complain(error, error.exitStatus === usage ? programName() : undefined);
    process.exitCode = error.exitStatus;
  } else {
    debuglog('sluice')('%o', error);
    complain(`${error instanceof Error ? error.message : error}. This was not foreseen: report it.`);
    process.exitCode = 1;
  }
}

closeAgain();
endOnLostOutput();
process.on('uncaughtException', (error) => {
  fail(error);
  process.exit();
});

const program = createCommand('sluice')
  .description('Checksums computed in the Linux kernel while data moves, and with SIMD in user space.')
  .version(version)
  .addHelpText('after', help)
  .helpCommand(false)
  .hook('preAction', (_, command) => nameCommand(command.name()))
  .exitOverride();
speakFor(program, 'sluice');

try {
  refuseLostBytes(process.argv.slice(2));
  // Not imported above, because they load the addon, whose absence must end in a sentence too.
  const { sumCommand } = await import('./commands/sum.js');
  const { attrCommand } = await import('./commands/attr.js');
  const { verifyCommand } = await import('./commands/verify.js');
  const { copyCommand } = await import('./commands/copy.js');
  const { observeCommand } = await import('./commands/observe.js');
  const { probeCommand } = await import('./commands/probe.js');
  const { compareCommand } = await import('./commands/compare.js');
  const { benchCommand } = await import('./commands/bench.js');
  program.addCommand(sumCommand());
  program.addCommand(attrCommand());
  program.addCommand(verifyCommand());
  program.addCommand(copyCommand());
  program.addCommand(observeCommand());
  program.addCommand(probeCommand());
  program.addCommand(compareCommand());
  program.addCommand(benchCommand());
  program.addCommand(helpCommand());
  for (const command of program.commands) {
    command.copyInheritedSettings(program);
    speakFor(command, `sluice ${command.name()}`);
  }
  await program.parseAsync();
} catch (error) {
  fail(error);
}
