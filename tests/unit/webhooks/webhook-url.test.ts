import { expect, test } from 'vitest';
import { createNetworkRules, parsePrivateAllowance } from '../../../src/outbound/network-rules.js';
import { checkWebhookUrl } from '../../../src/webhooks/webhook-url.js';

const problemsOf = (url: string, allowed = '') =>
  checkWebhookUrl(url, createNetworkRules(parsePrivateAllowance(allowed)!), ['url']).map(({ message }) => message);

test('public https URLs are fine', () => {
  for (const url of [
    'https://example.com',
    'https://example.com:8443/a?b=c',
    'https://93.184.216.34/',
    'https://[2606:4700::1111]/hook',
  ]) {
    expect(problemsOf(url), url).toEqual([]);
  }
});

test('every form of a private address is one', () => {
  const forms = ['127.0.0.1', '2130706433', '0x7f000001', '0177.0.0.1', '127.1', '0', '[::1]', '[::ffff:127.0.0.1]'];
  const hosts = [...forms, '169.254.169.254', '[fd00::1]', 'localhost', 'LOCALHOST.', 'a.localhost', '１２７.0.0.1'];
  for (const host of hosts) {
    expect(problemsOf(`https://${host}/`), host).toEqual([
      'The host is this machine or lies in a private network, and webhooks are not delivered to private networks.',
    ]);
  }
});

test('other schemes, credentials, fragments and system ports are refused', () => {
  expect(problemsOf('ftp://example.com')).toEqual(['This is not an http or https URL.']);
  expect(problemsOf('file:///etc/passwd')).toEqual(['This is not an http or https URL.']);
  expect(problemsOf('example.com')).toEqual(['This is not an http or https URL.']);
  expect(problemsOf('https://user:password@example.com')).toEqual([
    'This URL holds a user name or password, which everyone who sees it could read.',
  ]);
  expect(problemsOf('https://example.com/#a')).toEqual(["A webhook's URL can not have a fragment (#…)."]);
  expect(problemsOf('http://example.com')).toEqual(['Webhooks are delivered only over https.']);
  expect(problemsOf('https://example.com:25')).toEqual(['The port must be 80, 443, or at least 1024.']);
  expect(problemsOf(`https://example.com/${'a'.repeat(2048)}`)).toEqual(['A URL has at most 2048 characters.']);
});

test('hosts that the operator listed may be private, without TLS, and on any port', () => {
  expect(problemsOf('http://127.0.0.1:25/', '127.0.0.0/8')).toEqual([]);
  expect(problemsOf('http://hooks.internal/', 'hooks.internal')).toEqual([]);
  expect(problemsOf('http://localhost/', '*')).toEqual([]);
  expect(problemsOf('http://example.com/', '127.0.0.0/8')).toEqual(['Webhooks are delivered only over https.']);
});

test('what is private gets one problem, whose hint is what the operator has to set', () => {
  const of = (url: string) => checkWebhookUrl(url, createNetworkRules([]), ['url']);
  for (const [url, listed] of [
    ['http://localhost:3000/hook', 'localhost'],
    ['http://127.0.0.1:25/', '127.0.0.1'],
    ['http://[::1]/', '::1'],
    ['https://10.1.2.3/', '10.1.2.3'],
  ] as const) {
    expect(of(url), url).toMatchObject([{ hint: expect.stringContaining(`ATTUNE_WEBHOOK_ALLOW_PRIVATE=${listed}.`) }]);
    expect(problemsOf(url, listed), url).toEqual([]);
  }
  expect(problemsOf('http://localhost:3000/', '127.0.0.1')).toEqual([]);
  expect(of('http://example.com')).toMatchObject([{ hint: 'Use https://.' }]);
});
