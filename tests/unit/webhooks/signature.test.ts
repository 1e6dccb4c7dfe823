import { Webhook } from 'standardwebhooks';
import { expect, test } from 'vitest';
import { generateSecret, keyOfSecret, signatureHeaders } from '../../../src/outbound/signature.js';
import { createSealedSecrets } from '../../../src/webhooks/sealed-secrets.js';

test("a message is signed as the specification's own library signs it", () => {
  const secret = generateSecret();
  const body = '{"text":"Grüße 👋"}';
  const at = new Date('2026-01-31T08:00:00.900Z');
  const headers = signatureHeaders({ id: 'msg_1', timestampSeconds: Math.floor(at.getTime() / 1000), body }, [
    keyOfSecret(secret)!,
  ]);
  expect(headers).toEqual({
    'webhook-id': 'msg_1',
    'webhook-timestamp': '1769846400',
    'webhook-signature': new Webhook(secret).sign('msg_1', at, body),
  });
});

test('of two keys each gives a signature, and a receiver may know either', () => {
  const [current, previous, other] = [generateSecret(), generateSecret(), generateSecret()];
  const timestampSeconds = Math.floor(Date.now() / 1000);
  const headers = signatureHeaders({ id: 'a', timestampSeconds, body: '{}' }, [
    keyOfSecret(current)!,
    keyOfSecret(previous)!,
  ]);
  expect(new Webhook(current).verify('{}', { ...headers })).toEqual({});
  expect(new Webhook(previous).verify('{}', { ...headers })).toEqual({});
  expect(() => new Webhook(other).verify('{}', { ...headers })).toThrow('No matching signature found');
});

test('secrets are whsec_ and the canonical base64 of 24 to 64 bytes', () => {
  expect(keyOfSecret(generateSecret())).toHaveLength(32);
  const of = (bytes: number) => `whsec_${Buffer.alloc(bytes, 7).toString('base64')}`;
  expect([23, 24, 64, 65].map((bytes) => keyOfSecret(of(bytes)) !== null)).toEqual([false, true, true, false]);
  expect(keyOfSecret(of(32).slice('whsec_'.length))).toBeNull();
  expect(keyOfSecret(`${of(32)} `)).toBeNull();
  expect(keyOfSecret('whsec_not base64 but long enough to be one')).toBeNull();
});

test('a sealed secret opens with the same server secret and for the same row only', () => {
  const secrets = createSealedSecrets(Buffer.alloc(32, 1));
  const box = secrets.seal('row', 'whsec_secret');
  expect(box.includes('whsec')).toBe(false);
  expect(secrets.seal('row', 'whsec_secret')).not.toEqual(box);
  expect(secrets.open('row', box)).toBe('whsec_secret');
  expect(secrets.open('other row', box)).toBeNull();
  expect(createSealedSecrets(Buffer.alloc(32, 2)).open('row', box)).toBeNull();
  box[box.length - 1]! ^= 1;
  expect(secrets.open('row', box)).toBeNull();
  expect(secrets.open('row', Buffer.alloc(3))).toBeNull();
});
