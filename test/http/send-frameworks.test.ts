import { readFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import express from 'express';
import fastify from 'fastify';
import Koa from 'koa';
import { describe, expect, it } from 'vitest';
import { send } from '../../lib/http/index.js';
import { fileOf, temporaryFolder } from '../helpers/files.js';
import { listening } from '../helpers/http.js';
import { ask } from './serving.js';

const path = fileOf(temporaryFolder(), 1_200_000);
const content = readFileSync(path);

/** The first lines of docs/http.md on each of them. */
const servers: Record<string, () => RequestListener | Promise<RequestListener>> = {
  Express: () =>
    express().get('/', async (_, response) => {
      response.type('text/x-test');
      await send(response, path);
    }),
  Koa: () =>
    new Koa()
      .use(async (context) => {
        context.respond = false;
        context.res.setHeader('Content-Type', 'text/x-test');
        await send(context.res, path);
      })
      .callback(),
  Fastify: async () => {
    const app = fastify();
    app.get('/', async (_, reply) => {
      reply.hijack();
      reply.raw.setHeader('Content-Type', 'text/x-test');
      await send(reply.raw, path);
    });
    await app.ready();
    return (request, response) => app.routing(request, response);
  },
};

describe('send under', () => {
  it.each(Object.keys(servers))('%s', async (name) => {
    const listener = await servers[name]?.();
    const port = await listening(createServer(listener));
    const whole = await ask(port);
    expect([whole.status, whole.headers['content-type'], whole.body.equals(content)]).toEqual([
      200,
      expect.stringMatching(/^text\/x-test/),
      true,
    ]);
    const part = await ask(port, { Range: 'bytes=600000-600009' });
    expect([part.status, part.body]).toEqual([206, content.subarray(600_000, 600_010)]);
    const head = await ask(port, { 'Want-Digest': 'adler32' }, 'HEAD');
    expect([head.status, head.headers['content-length']]).toEqual([200, '1200000']);
    expect(head.headers['digest']).toMatch(/^adler32=[0-9a-f]{8}$/);
    const again = await ask(port, { 'If-None-Match': whole.headers.etag as string });
    expect([again.status, again.body.length]).toEqual([304, 0]);
  });
});
