// Does with files in a folder all that this package does, and prints what came of each: [value, or code and message].
// usage: everything.mjs FOLDER
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer, request } from 'node:http';
import { connect, createServer as createSocketServer } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { checksum, copyFile, SluiceError, StagedFile } from 'sluice';
import { moveFile, problemOf, receive, removeFile, send } from 'sluice/http';
import { relay } from 'sluice/relay';
import { clearChecksums, fillChecksums, readChecksums, verifyChecksums } from 'sluice/xattr';

const [folder] = process.argv.slice(2);

const content = readFileSync(`${folder}/content`);
const path = (name) => `${folder}/${name}`;
const outcomes = {};

async function attempt(name, work) {
  try {
    outcomes[name] = String(await work());
  } catch (error) {
    if (!(error instanceof SluiceError)) throw error;
    outcomes[name] = { code: error.code, message: error.message };
  }
}

const fileWith = (name, bytes = content) => {
  writeFileSync(path(name), bytes);
  return path(name);
};
const sumOf = (name) => checksum(path(name)).then(({ hex }) => hex);
const same = (name) => (readFileSync(path(name)).equals(content) ? 'same' : 'DIFFERENT');

/** One request to a handler, and the bytes of its answer. */
async function exchange(method, body, handle) {
  let failure;
  const server = createServer({ requestTimeout: 0 }, async (incoming, response) => {
    try {
      await handle(incoming, response);
    } catch (error) {
      failure = error;
      const { status, headers, body } = problemOf(error);
      if (response.headersSent) response.destroy();
      else response.writeHead(status, headers).end(body);
    }
  });
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  try {
    const sent = request({ host: '127.0.0.1', port: server.address().port, method, path: '/', agent: false });
    const answered = new Promise((resolve, reject) => sent.on('response', resolve).on('error', reject));
    sent.end(body);
    const bytes = await answered.then(buffer).catch((error) => {
      if (!failure) throw error;
    });
    if (failure) throw failure;
    return bytes;
  } finally {
    server.close();
  }
}

const put = (place, transport, options = {}) =>
  exchange('PUT', content, async (incoming, response) => {
    const { status } = await receive(incoming, place, { transport, ...options });
    response.writeHead(status).end();
  });

await attempt('sum', () => sumOf('content'));
await attempt('sum a descriptor', () => checksum(openSync(path('content'))).then(({ hex }) => hex));
await attempt('sum past the cache', () =>
  checksum(path('content'), { cache: 'bypass' }).then(({ hex }) => hex),
);
await attempt('copy', async () => {
  const { checksums } = await copyFile(path('content'), path('copy'));
  return `${checksums.adler32.hex} ${same('copy')}`;
});
await attempt('copy all that can be kept', async () => {
  fileWith('old');
  const { checksums } = await copyFile(path('content'), path('old'), {
    profiles: ['sluice'],
    keep: ['mode', 'times', 'xattrs'],
    sync: true,
  });
  return `${checksums.adler32.hex} ${same('old')}`;
});
await attempt('relay through', async () => {
  const sockets = createSocketServer({ pauseOnConnect: true });
  await new Promise((listening) => sockets.listen(0, '127.0.0.1', listening));
  const connected = new Promise((resolve) => sockets.once('connection', resolve));
  const peer = connect(sockets.address().port, '127.0.0.1');
  const received = buffer(peer);
  const sink = await connected;
  sockets.close();
  const source = openSync(path('content'));
  try {
    const { checksums } = await relay(source, sink);
    sink.end();
    return `${checksums.adler32.hex} ${(await received).equals(content) ? 'same' : 'DIFFERENT'}`;
  } finally {
    closeSync(source);
    sink.destroy();
  }
});
for (const transport of ['relay', 'stream']) {
  await attempt(`receive by ${transport}`, async () => {
    await put({ root: folder, path: `sub/received-${transport}` }, transport);
    return same(`sub/received-${transport}`);
  });
}
await attempt('receive in the place of a file', async () => {
  fileWith('replaced', 'before');
  chmodSync(path('replaced'), 0o604);
  await put({ root: folder, path: 'replaced' }, 'relay', { sync: true });
  return same('replaced');
});
await attempt('receive in the place of one version only', async () => {
  fileWith('expected', 'before');
  const staged = await StagedFile.create(path('expected'), { content });
  await staged.publish({ replace: 'existing' });
  return same('expected');
});
await attempt('receive where nothing is', async () => {
  const staged = await StagedFile.create(path('nothing'), { content });
  await staged.publish({ replace: 'nothing' });
  return same('nothing');
});
const identity = (name) => statSync(path(name), { bigint: true });
const at = (name) => ({ root: folder, path: name });
/** What fails leaves the file as it is: reading it would throw. */
const kept = (name, work) =>
  work.catch((error) => {
    if (same(name) !== 'same') throw new Error(`${name} is another`);
    throw error;
  });
const there = (...names) => names.filter((name) => existsSync(path(name))).join();
await attempt('remove a file', async () => {
  fileWith('removed');
  await kept('removed', removeFile(at('removed')));
  return there('removed');
});
await attempt('remove one version only', async () => {
  fileWith('version');
  await kept('version', removeFile(at('version'), { expected: identity('version') }));
  return there('version');
});
await attempt('move where nothing is', async () => {
  fileWith('moved');
  await kept('moved', moveFile(at('moved'), at('sub/moved')));
  return `${there('moved')} ${same('sub/moved')}`;
});
await attempt('move a folder', async () => {
  mkdirSync(path('folder'));
  await moveFile(at('folder'), at('sub/folder'));
  return there('folder', 'sub/folder');
});
await attempt('move in the place of a file', async () => {
  fileWith('moving');
  fileWith('place', 'before');
  await kept('moving', moveFile(at('moving'), at('place'), { replace: 'any' }));
  return `${there('moving')} ${same('place')}`;
});
await attempt('move one version only', async () => {
  fileWith('certain');
  const expected = identity('certain');
  await kept('certain', moveFile(at('certain'), at('sub/certain'), { expected }));
  return `${there('certain')} ${same('sub/certain')}`;
});
await attempt('send', async () =>
  (
    await exchange('GET', undefined, (_, response) => send(response, { root: folder, path: 'content' }))
  ).equals(content)
    ? 'same'
    : 'DIFFERENT',
);
const stored = openSync(fileWith('stored'));
await attempt('attr set', async () => (await fillChecksums(stored)).checksums.hex('adler32'));
await attempt('attr get', async () =>
  (await readChecksums(stored)).map(({ hex, state }) => `${hex} ${state}`),
);
await attempt('verify', async () => (await verifyChecksums(stored)).verdict);
await attempt('attr clear', async () => void (await clearChecksums(stored)));
console.log(JSON.stringify(outcomes));
