import { expect, test } from 'vitest';
import { createNetworkRules, parsePrivateAllowance } from '../../../src/outbound/network-rules.js';

const rulesOf = (text: string) => createNetworkRules(parsePrivateAllowance(text)!);

test('without an allowance only addresses of the public internet are connected to', () => {
  const rules = rulesOf('');
  const allowed = ['8.8.8.8', '93.184.216.34', '2606:4700::1111', '::ffff:8.8.8.8'];
  expect(allowed.filter((address) => !rules.allows('example.com', address))).toEqual([]);
  const refused = [
    '127.0.0.1',
    '127.255.255.254',
    '0.0.0.0',
    '10.1.2.3',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '192.0.0.1',
    '192.0.2.1',
    '198.18.0.1',
    '198.51.100.1',
    '203.0.113.1',
    '224.0.0.1',
    '240.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::7f00:1',
    '::ffff:127.0.0.1',
    '::ffff:10.0.0.1',
    '64:ff9b::7f00:1',
    '64:ff9b:1::a00:1',
    '2002:7f00:1::',
    '2001::1',
    '2001:db8::1',
    'fc00::1',
    'fd12:3456::1',
    'fe80::1',
    'fe80::1%eth0',
    'fec0::1',
    'ff02::1',
    '100::1',
    '',
    'example.com',
  ];
  expect(refused.filter((address) => rules.allows('example.com', address))).toEqual([]);
});

test('ranges allow addresses, whatever the name; a mapped address is the one inside it', () => {
  const rules = rulesOf('10.0.0.0/8, 192.168.1.5, fd00::/8');
  expect(rules.allows('a.example', '10.200.0.1')).toBe(true);
  expect(rules.allows('a.example', '::ffff:10.200.0.1')).toBe(true);
  expect(rules.allows('a.example', '192.168.1.5')).toBe(true);
  expect(rules.allows('a.example', '192.168.1.6')).toBe(false);
  expect(rules.allows('a.example', 'fd00::1')).toBe(true);
  expect(rules.allows('a.example', '127.0.0.1')).toBe(false);
  expect([rules.isListed('10.0.0.1'), rules.isListed('[fd00::1]'), rules.isListed('a.example')]).toEqual([
    true,
    true,
    false,
  ]);
});

test('names allow what they resolve to, and that alone', () => {
  const rules = rulesOf('Hooks.Internal,*.corp.example');
  expect(rules.allows('hooks.internal', '10.0.0.1')).toBe(true);
  expect(rules.allows('HOOKS.internal.', '10.0.0.1')).toBe(true);
  expect(rules.allows('a.b.corp.example', '10.0.0.1')).toBe(true);
  expect(rules.allows('corp.example', '10.0.0.1')).toBe(false);
  expect(rules.allows('evilcorp.example', '10.0.0.1')).toBe(false);
  expect(rules.allows('other.internal', '10.0.0.1')).toBe(false);
});

test('a star allows everything, what is neither range nor name is refused', () => {
  expect(rulesOf('*').allows('localhost', '127.0.0.1')).toBe(true);
  expect(parsePrivateAllowance('')).toEqual([]);
  for (const text of ['10.0.0.0/33', '10.0.0', '300.1.1.1', 'http://a.example', 'a b', 'a..b', '*.*', '-a', 'a/8']) {
    expect(parsePrivateAllowance(text), text).toBeNull();
  }
});

test.each(['127.0.0.1', '127.0.0.0/8', '::1', '0.0.0.0/0', 'localhost'])(
  'whoever lists this machine as %s allows localhost, whichever of its addresses that resolves to',
  (listed) => {
    const rules = rulesOf(listed);
    expect([rules.isListed('localhost'), rules.isListed('LOCALHOST.')]).toEqual([true, true]);
    expect([rules.allows('localhost', '127.0.0.1'), rules.allows('localhost', '::1')]).toEqual([true, true]);
    // A name that resolves to this machine is not its own name.
    expect(rules.isListed('hooks.internal')).toBe(false);
  },
);

test('localhost is allowed as this machine alone, and by no other address', () => {
  expect(rulesOf('127.0.0.1').allows('localhost', '10.0.0.1')).toBe(false);
  expect(rulesOf('127.0.0.1').allows('hooks.internal', '::1')).toBe(false);
  expect(rulesOf('10.0.0.0/8').isListed('localhost')).toBe(false);
  expect(rulesOf('127.0.0.2').allows('localhost', '127.0.0.1')).toBe(false);
});
