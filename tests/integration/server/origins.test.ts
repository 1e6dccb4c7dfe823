import { once } from 'node:events';
import { connect } from 'node:net';
import express from 'express';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import WebSocket from 'ws';
import { withinBodyTime } from '../../../src/server/before-graphql.js';
import { endLateBodies } from '../../../src/server/whole-requests.js';
import { startTestApi, type TestApi } from '../../support/api.js';

const app = 'https://app.example.com';
const evil = 'https://evil.example.com';
const viewer = { query: '{ viewer { id } }' };

describe('pages of other origins', () => {
  let api: TestApi;
  beforeAll(async () => {
    api = await startTestApi({ network: { corsOrigins: [app, 'http://localhost:5173'] } });
  });
  afterAll(() => api.close());

  const corsHeaders = (headers: Record<string, string>) =>
    Object.keys(headers).filter((name) => name.startsWith('access-control-'));

  test('that are listed may call, with credentials', async () => {
    const { status, headers } = await request(api.url).post('/graphql').set('origin', app).send(viewer);
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      'access-control-allow-origin': app,
      'access-control-allow-credentials': 'true',
      vary: expect.stringContaining('Origin'),
    });
    expect(headers['access-control-expose-headers']).toContain('Retry-After');
  });

  test('that are listed may ask first, for the headers of their clients and of tracing too', async () => {
    const tracing = 'authorization,content-type,apollographql-client-name,traceparent,baggage,sentry-trace';
    const { status, headers } = await request(api.url).options('/graphql').set({
      origin: app,
      'access-control-request-method': 'POST',
      'access-control-request-headers': tracing,
    });
    expect(status).toBe(204);
    expect(headers).toMatchObject({
      'access-control-allow-origin': app,
      'access-control-allow-credentials': 'true',
      'access-control-allow-methods': 'GET,HEAD,POST,PUT,PATCH,DELETE',
      'access-control-allow-headers': tracing,
      'access-control-max-age': '600',
    });
  });

  test.each([
    evil,
    'null',
    'https://app.example.com.evil.example.com',
    'http://app.example.com',
    'https://app.example.com:444',
  ])('%s is refused, and learns nothing but why', async (origin) => {
    for (const sending of [
      request(api.url).post('/graphql').send(viewer),
      request(api.url).get('/graphql').query(viewer),
      request(api.url).put('/uploads/x?token=y').send('z'),
      request(api.url).get('/health/live'),
    ]) {
      const { status, headers, text } = await sending.set('origin', origin);
      expect(status).toBe(403);
      expect(text).toMatch(/^Pages of other origins have no access, and this one is of .*\.$/);
      expect(text).toContain(origin === 'null' ? 'serve it from a web server' : `of ${origin}.`);
      expect(headers).toMatchObject({
        'access-control-allow-origin': origin,
        'access-control-allow-credentials': 'true',
        vary: expect.stringContaining('Origin'),
      });
      expect(headers).not.toHaveProperty('access-control-expose-headers');
    }
  });

  test('that are not listed may ask first, so that their author can read the refusal', async () => {
    const { status, headers } = await request(api.url).options('/graphql').set({
      origin: evil,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'content-type,traceparent',
    });
    expect(status).toBe(204);
    expect(headers).toMatchObject({
      'access-control-allow-origin': evil,
      'access-control-allow-headers': 'content-type,traceparent',
      'access-control-max-age': '0',
    });
  });

  test('that are not listed are named in the log, each once, with the setting that would allow them', async () => {
    const page = 'https://page.example.com';
    const lines = () => api.log.filter(({ msg }) => String(msg).includes(page));
    for (let i = 0; i < 3; i += 1) await request(api.url).post('/graphql').set('origin', page).send(viewer);
    expect(lines()).toEqual([
      expect.objectContaining({ level: 40, msg: expect.stringContaining('add its origin to ATTUNE_CORS_ORIGINS') }),
    ]);
  });

  test('that give this server a name of their own can not read why they are refused', async () => {
    const { status, headers, text } = await request(api.url)
      .post('/graphql')
      .set('host', 'rebound.example')
      .send(viewer);
    expect([status, text]).toEqual([403, 'This server answers to localhost only.']);
    expect(corsHeaders(headers)).toEqual([]);
  });

  test('are told apart from requests of none, for caches', async () => {
    const { headers } = await request(api.url).post('/graphql').send(viewer);
    expect(headers.vary).toContain('Origin');
    expect(corsHeaders(headers)).toEqual([]);
  });

  test('open WebSockets by the same list', async () => {
    const open = (origin: string) => {
      const socket = new WebSocket(`${api.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', { origin });
      return new Promise<string>((resolve) => {
        socket.once('open', () => resolve('open'));
        socket.once('error', (error) => resolve(error.message));
      }).finally(() => socket.terminate());
    };
    expect(await open(app)).toBe('open');
    expect(await open(evil)).toContain('403');
  });
});

describe('a query by GET, as urql sends it', () => {
  let api: TestApi;
  beforeAll(async () => {
    api = await startTestApi({ network: { corsOrigins: [app] } });
  });
  afterAll(() => api.close());

  const get = (headers: Record<string, string>) =>
    request(api.url)
      .get('/graphql')
      .query({ query: '{ viewer { name } }', variables: '{}', extensions: '{}' })
      .set({
        accept:
          'application/graphql-response+json, application/graphql+json, application/json, text/event-stream, multipart/mixed',
        ...headers,
      });
  const answer = { data: { viewer: { name: 'owner' } } };

  test('is answered to a page of this server and to one of a listed origin', async () => {
    const ofListed: Record<string, string> = { origin: app, 'sec-fetch-site': 'cross-site' };
    for (const headers of [{ 'sec-fetch-site': 'same-origin' }, ofListed]) {
      const { status, body } = await get(headers);
      expect([status, body]).toEqual([200, answer]);
    }
  });

  test.each([
    [{}],
    [{ 'sec-fetch-site': 'cross-site' }],
    [{ 'sec-fetch-site': 'same-site' }],
    [{ 'sec-fetch-site': 'none' }],
  ])('with %j is refused, and told which setting helps', async (headers) => {
    const { status, body } = await get(headers);
    expect(status).toBe(400);
    expect(body.errors[0].message).toContain('`preferGetMethod: false` in urql');
  });

  test('is never a mutation', async () => {
    const { body } = await request(api.url)
      .get('/graphql')
      .query({ query: 'mutation { createProject(input: { slug: "x", name: "x" }) { __typename } }' })
      .set('sec-fetch-site', 'same-origin');
    expect(body.errors[0].message).toMatch(/^GET requests only support query operations/);
  });
});

describe('headers of every answer', () => {
  const always = {
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
    'content-security-policy': expect.stringContaining("frame-ancestors 'none'"),
  };

  test('are there on pages, answers and refusals', async () => {
    await using api = await startTestApi();
    for (const sending of [
      request(api.url).get('/'),
      request(api.url).post('/graphql').send(viewer),
      request(api.url).post('/graphql').set('origin', evil).send(viewer),
      request(api.url).get('/exports/nothing'),
    ]) {
      const { headers } = await sending;
      expect(headers).toMatchObject(always);
      expect(headers).not.toHaveProperty('x-powered-by');
      expect(headers).not.toHaveProperty('strict-transport-security');
      expect(headers['content-security-policy']).not.toContain('upgrade-insecure-requests');
    }
  });

  test('keep browsers on TLS where the public URL has it', async () => {
    await using api = await startTestApi({ publicUrl: 'https://attune.example.com' });
    const { headers } = await request(api.url).get('/').set('host', 'attune.example.com');
    expect(headers['strict-transport-security']).toBe('max-age=31536000');
    expect(headers['content-security-policy']).toContain('upgrade-insecure-requests');
    const own = await request(api.url).post('/graphql').set('origin', 'https://attune.example.com').send(viewer);
    expect(own.status).toBe(200);
  });
});

describe('connections', () => {
  test('beyond the limit are closed at once', async () => {
    await using api = await startTestApi({ network: { maxConnections: 2 } });
    const port = Number(new URL(api.url).port);
    const held = [connect(port, '127.0.0.1'), connect(port, '127.0.0.1')];
    await Promise.all(held.map((socket) => once(socket, 'connect')));
    const third = connect(port, '127.0.0.1');
    third.on('error', () => undefined);
    await once(third, 'close');
    for (const socket of held) socket.destroy();
  });

  test('whose body trickles in are cut off', async () => {
    const server = express()
      .use(withinBodyTime(50), express.json(), (_request, response) => response.json({}))
      .listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const socket = connect(port, '127.0.0.1');
    socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{');
    let answer = '';
    socket.on('data', (data) => {
      answer += String(data);
    });
    await once(socket, 'close');
    expect(answer).toMatch(/^HTTP\/1.1 408 /);
    expect(answer).toContain('REQUEST_TIMEOUT');
    expect((await request(server).post('/').send({ whole: true })).status).toBe(200);
    server.close();
  });

  test('that were answered are not held by a body that never comes', async () => {
    const server = express()
      .use(endLateBodies(50), (_request, response) => response.status(401).json({ refused: true }))
      .listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{');
    let answer = '';
    socket.on('data', (data) => {
      answer += String(data);
    });
    await once(socket, 'close');
    expect(answer).toContain('{"refused":true}');
    // A body that comes whole, if late, keeps its connection.
    const another = connect(port, '127.0.0.1');
    const ask = 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n';
    for (let i = 0; i < 2; i++) {
      another.write(ask);
      await once(another, 'data');
      another.write('{');
    }
    another.destroy();
    server.close();
  });
});

describe('headers that are too many', () => {
  const filler = Array.from({ length: 100 }, (_, i) => `X-${i}: a`);
  const answerTo = async (url: string, lines: readonly string[]): Promise<string> => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.write(`${lines.join('\r\n')}\r\n\r\n`);
    const [first] = (await once(socket, 'data')) as [Buffer];
    socket.destroy();
    return String(first).split('\r\n')[0]!;
  };

  test('are no way to hide that a proxy passed a request on', async () => {
    await using api = await startTestApi();
    const host = `Host: ${new URL(api.url).host}`;
    const ask = ['GET /graphql?query=%7Bviewer%7Bid%7D%7D HTTP/1.1', host, 'Apollo-Require-Preflight: 1'];
    const passedOn = 'X-Forwarded-For: 203.0.113.7';
    expect(await answerTo(api.url, ask)).toBe('HTTP/1.1 200 OK');
    expect(await answerTo(api.url, [...ask, passedOn])).toBe('HTTP/1.1 401 Unauthorized');
    expect(await answerTo(api.url, [...ask, ...filler, passedOn])).toMatch(/^HTTP\/1.1 431 /);
    const upgrade = [
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      `Sec-WebSocket-Key: ${'A'.repeat(22)}==`,
    ];
    expect(await answerTo(api.url, ['GET /graphql HTTP/1.1', host, ...upgrade])).toMatch(/^HTTP\/1.1 101 /);
    expect(await answerTo(api.url, ['GET /graphql HTTP/1.1', host, ...upgrade, ...filler, passedOn])).toMatch(
      /^HTTP\/1.1 431 /,
    );
  });

  test.each([
    'Forwarded: for=203.0.113.7',
    'X-Forwarded-Proto: https',
    'Via: 1.1 proxy',
    'X-Real-IP: 203.0.113.7',
    'CF-Connecting-IP: 203.0.113.7',
  ])('%s is one of those that say so', async (header) => {
    await using api = await startTestApi();
    const ask = [
      'GET /graphql?query=%7Bviewer%7Bid%7D%7D HTTP/1.1',
      `Host: ${new URL(api.url).host}`,
      'Apollo-Require-Preflight: 1',
    ];
    expect(await answerTo(api.url, [...ask, header])).toBe('HTTP/1.1 401 Unauthorized');
  });
});
