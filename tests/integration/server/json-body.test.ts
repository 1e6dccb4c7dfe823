import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import express from 'express';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { answerErrors } from '../../../src/server/answer-errors.js';
import { answerJson, inOrder } from '../../../src/server/handler.js';
import { jsonBody } from '../../../src/server/json-body.js';
import { checkJsonBody } from '../../../src/server/json-weight.js';

const maxBytes = 1_000;
let server: Server;
let url: string;
/** Errors that the server could not blame on a client. */
const unexpected: unknown[] = [];
let failed: (() => void) | null = null;

beforeAll(async () => {
  const answer = answerErrors((error) => unexpected.push(error));
  const body = jsonBody(maxBytes, express.json({ limit: maxBytes, verify: checkJsonBody }));
  const handle = inOrder(
    [body, (request, response) => answerJson(response, { body: request.body ?? null })],
    (error, request, response) => {
      answer(error, request, response);
      failed?.();
    },
  );
  server = createServer(handle).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
afterAll(() => server.close());

async function send(body: string | Buffer | undefined, type: string, headers: Record<string, string> = {}) {
  const init = { method: 'POST', headers: { 'content-type': type, ...headers } };
  const response = await fetch(url, body === undefined ? init : { ...init, body });
  return { status: response.status, answer: await response.json() };
}
const read = (body: unknown) => ({ status: 200, answer: { body } });
const json = 'application/json';

test('JSON is read, with any parameters, after a byte order mark, and as nothing when it is empty', async () => {
  expect(await send('{"a":"ü"}', json)).toEqual(read({ a: 'ü' }));
  expect(await send('[1]', 'Application/JSON; charset="UTF-8"')).toEqual(read([1]));
  expect(await send('\uFEFF{"a":1}', json)).toEqual(read({ a: 1 }));
  expect(await send('', json)).toEqual(read({}));
  expect(await send(gzipSync('{"a":1}'), json, { 'content-encoding': 'gzip' })).toEqual(read({ a: 1 }));
});

test('what is no JSON by its type stays unread', async () => {
  expect(await send('{"a":1}', 'text/plain')).toEqual(read(null));
  expect(await send('{"a":1}', 'application/jsonp')).toEqual(read(null));
});

test('a body that is no JSON, or another encoding, says so', async () => {
  const refused = (status: number, message: unknown, code = 'BAD_REQUEST') => ({
    status,
    answer: { errors: [{ message, extensions: { code } }] },
  });
  expect(await send('{', json)).toMatchObject(refused(400, expect.stringMatching(/^The body is not JSON: .+\.$/)));
  expect(await send('"text"', json)).toMatchObject(
    refused(400, 'The body is not JSON: it is neither an object nor a list.'),
  );
  expect(await send('{}', `${json}; charset=utf-16`)).toMatchObject(refused(415, 'The body must be JSON in UTF-8.'));
  const long = JSON.stringify('x'.repeat(maxBytes));
  const tooLarge = refused(413, `The body is larger than ${maxBytes} bytes.`, 'REQUEST_TOO_LARGE');
  expect(await send(`[${long}]`, json)).toMatchObject(tooLarge);
  // A body that is sent in pieces does not say how long it is.
  const pieces = new ReadableStream({
    start(controller) {
      controller.enqueue(Buffer.from('['));
      controller.enqueue(Buffer.from(`${long}]`));
      controller.close();
    },
  });
  const headers = { 'content-type': json };
  const response = await fetch(url, { method: 'POST', headers, body: pieces, duplex: 'half' } as RequestInit);
  expect({ status: response.status, answer: await response.json() }).toMatchObject(tooLarge);
});

test('a client that leaves in the middle of its body is no error of the server', async () => {
  const ended = new Promise<void>((resolve) => {
    failed = resolve;
  });
  const { port } = new URL(url);
  const socket = connect(Number(port), '127.0.0.1');
  socket.write('POST / HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{"a"');
  await once(server, 'request');
  socket.destroy();
  await ended;
  expect(unexpected).toEqual([]);
});
