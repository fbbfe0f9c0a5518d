/**
 * Opens an object while a listener of libbpf's messages throws each of them, and prints what it heard, and what the process
 * was told.
 *
 * node throwing-listener.mjs OBJECT
 */

import { onLog, openObject } from 'sluice/libbpf';

const [heard, thrown] = [[], []];
process.on('uncaughtException', ({ message }) => thrown.push(message));
process.on('exit', () => console.log(JSON.stringify({ heard, thrown })));
onLog((_, text) => {
  heard.push(text);
  throw new Error(text);
}, 'debug');
openObject(process.argv[2]).close();
