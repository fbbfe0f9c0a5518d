/**
 * Runs a command with standard input and output ignored, and ends with its status.
 *
 * node ignoring.mjs COMMAND...
 */

import { spawnSync } from 'node:child_process';

const [command, ...args] = process.argv.slice(2);
process.exitCode = spawnSync(command, args, { stdio: ['ignore', 'ignore', 'inherit'] }).status;
