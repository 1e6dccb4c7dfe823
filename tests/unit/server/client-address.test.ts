import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { clientAddressThrough } from '../../../src/server/client-address.js';

function requestFrom(remoteAddress: string | undefined, forwarded?: string): IncomingMessage {
  const request = new IncomingMessage(Object.defineProperty(new Socket(), 'remoteAddress', { value: remoteAddress }));
  if (forwarded !== undefined) request.headers['x-forwarded-for'] = forwarded;
  return request;
}

test.each([
  ['192.0.2.1', undefined, [], '192.0.2.1'],
  ['::ffff:192.0.2.1', undefined, [], '192.0.2.1'],
  ['2001:db8:1:2:aaaa::1', undefined, [], '2001:db8:1:2::/64'],
  ['2001:db8:1:2:bbbb::2', undefined, [], '2001:db8:1:2::/64'],
  // Anybody can send the header.
  ['192.0.2.1', '203.0.113.9', [], '192.0.2.1'],
  ['10.0.0.5', '203.0.113.9', ['10.0.0.0/8'], '203.0.113.9'],
  // What a client claims stands before what the trusted proxy saw.
  ['10.0.0.5', '198.51.100.1, 203.0.113.9', ['10.0.0.0/8'], '203.0.113.9'],
  ['10.0.0.5', '198.51.100.1, 203.0.113.9, 10.0.0.6', ['10.0.0.0/8'], '203.0.113.9'],
  ['10.0.0.5', 'nonsense', ['10.0.0.0/8'], 'unknown'],
  [undefined, undefined, [], 'unknown'],
])('%s, forwarded for %s, trusting %j: %s', (remote, forwarded, trusted, address) => {
  expect(clientAddressThrough(trusted)(requestFrom(remote, forwarded))).toBe(address);
});
