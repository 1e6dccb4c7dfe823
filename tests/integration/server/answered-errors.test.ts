import { once } from 'node:events';
import express from 'express';
import request from 'supertest';
import { expect, test } from 'vitest';
import { answerErrors } from '../../../src/server/answer-errors.js';

test('a file that is gone when it is sent is told without its path', async () => {
  const logged: unknown[] = [];
  const server = express()
    .get('/', (_request, response) => response.sendFile('/nowhere/attune/secret-folder/file'))
    .use(answerErrors((error) => logged.push(error)))
    .listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { status, body } = await request(server).get('/');
  expect(status).toBe(404);
  expect(body).toEqual({
    errors: [{ message: 'This file no longer exists.', extensions: { code: 'NOT_FOUND' } }],
  });
  expect(logged).toEqual([]);
  server.close();
});

test('an error in the middle of an answer is logged, and breaks the answer off', async () => {
  const logged: unknown[] = [];
  const server = express()
    .get('/', (_request, response) => {
      response.set('content-length', '10').write('half');
      throw new Error('the rest is lost');
    })
    .use(answerErrors((error) => logged.push(error)))
    .listen(0, '127.0.0.1');
  await once(server, 'listening');
  await expect(request(server).get('/')).rejects.toThrow();
  expect(logged).toEqual([new Error('the rest is lost')]);
  server.close();
});
