import { expect, test } from 'vitest';
import { refusalOf } from '../../../src/server/local-only.js';

test.each([
  // listen host, Host header, Origin header, let in
  ['127.0.0.1', '127.0.0.1:4000', undefined, true],
  ['127.0.0.1', 'localhost:4000', 'http://localhost:4000', true],
  ['::1', '[::1]:4000', 'http://[::1]:4000', true],
  ['127.0.0.1', 'rebound.example:4000', undefined, false],
  ['127.0.0.1', 'rebound.example:4000', 'http://rebound.example:4000', false],
  ['127.0.0.1', 'localhost:4000', 'http://localhost:3000', false],
  ['127.0.0.1', 'localhost:4000', 'null', false],
  ['127.0.0.1', undefined, undefined, false],
  ['127.0.0.1', 'localhost@rebound.example', undefined, false],
  // Whoever listens on all addresses chose to be reached by any name; pages of other origins still have no access.
  ['0.0.0.0', 'attune.example', undefined, true],
  ['0.0.0.0', 'attune.example', 'https://attune.example', true],
  ['0.0.0.0', 'attune.example', 'https://evil.example', false],
] as const)('listening on %s, a request to %s from %s: %s', (listenHost, host, origin, letIn) => {
  expect(refusalOf({ host, origin }, { listenHost, publicUrl: null, corsOrigins: [] }) === null).toBe(letIn);
});

test.each([
  // Host header, Origin header, let in
  ['attune.example', 'https://attune.example', true],
  ['attune.example', undefined, true],
  // A proxy that names the server by its own address.
  ['127.0.0.1:4000', 'https://attune.example', true],
  ['127.0.0.1:4000', 'https://app.example', true],
  ['attune.example', 'https://app.example', true],
  ['attune.example', 'http://app.example', false],
  ['attune.example', 'https://app.example:8443', false],
  ['attune.example', 'https://app.example.evil.example', false],
  ['attune.example', 'null', false],
  ['app.example', 'https://app.example', false],
] as const)(
  'behind https://attune.example, with https://app.example listed, to %s from %s: %s',
  (host, origin, letIn) => {
    const rules = {
      listenHost: '127.0.0.1',
      publicUrl: 'https://attune.example',
      corsOrigins: ['https://app.example'],
    };
    expect(refusalOf({ host, origin }, rules) === null).toBe(letIn);
  },
);
