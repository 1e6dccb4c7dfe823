import { describe, expect, test } from 'vitest';
import { createScan } from '../../../../gpu-worker/preparation/personal-data/scan.js';
import { PersonalDataKind } from '../../../../src/protocol/preparation/steps/personal-data.js';

/** What a scan for one kind finds in a text: what the text says there, and the detail. */
const found = (kind: PersonalDataKind, text: string, leastConfidence = 0.5) =>
  createScan({ kinds: [kind], phoneRegions: ['US', 'GB', 'DE', 'FR'], leastConfidence })(text).map(
    ({ start, end, detail }) => [text.slice(start, end), detail],
  );

describe('e-mail', () => {
  test.each([
    ['mail anna.k+x@mail.example.co, please', 'anna.k+x@mail.example.co'],
    ["('d'arcy@site.org')", "d'arcy@site.org"],
    ['https://site.org/u/joe@site.org/x', 'joe@site.org'],
    ['Grüße an jürgen@müller.de.', 'jürgen@müller.de'],
    ['👍joe@site.org', 'joe@site.org'],
  ])('%s', (text, address) => expect(found('EMAIL', text).map(([value]) => value)).toEqual([address]));

  test.each(['icon@2x.png', 'a@b', 'joe@site.123', '@anna said', 'joe@-site.org', 'joe.@site.org', 'git@code.org:x/y'])(
    '%s has none',
    (text) => expect(found('EMAIL', text)).toEqual([]),
  );

  test('addresses that RFC 2606 keeps for examples are found only when asked for', () => {
    expect(found('EMAIL', 'joe@example.com')).toEqual([]);
    expect(found('EMAIL', 'joe@example.com', 0.1)).toEqual([['joe@example.com', 'example.com']]);
  });
});

describe('phone', () => {
  test.each([
    ['Call (415) 555-2671 now', '(415) 555-2671', 'US'],
    ['Call +1 415 555 2671.', '+1 415 555 2671', 'US'],
    ['(+44 20 7946 0958)', '+44 20 7946 0958', 'GB'],
    ['Rufen Sie 030 901820 an', '030 901820', 'DE'],
    ['06.12.34.56.78', '06.12.34.56.78', 'FR'],
    ['phone 4155552671', '4155552671', 'US'],
    ['02079460958', '02079460958', 'GB'],
    ['Ph:020-7946-0958', '020-7946-0958', 'GB'],
  ])('%s', (text, number, region) => expect(found('PHONE', text)).toEqual([[number, region]]));

  test('two numbers side by side are two', () => {
    expect(found('PHONE', 'call 415-555-2671 212-555-0187')).toEqual([
      ['415-555-2671', 'US'],
      ['212-555-0187', 'US'],
    ]);
  });

  test.each([
    '4155552671',
    'on 2024-01-15 10:30',
    '12.03.2024',
    'pi is 3.14159265358',
    '192.168.100.200',
    'order 415-555-2671',
  ])('%s has none', (text) => expect(found('PHONE', text)).toEqual([]));
});

describe('payment card', () => {
  // Numbers that the networks and Stripe publish for tests.
  test.each([
    ['4242424242424242', 'Visa'],
    ['5555 5555 5555 4444', 'Mastercard'],
    ['2223003122003222', 'Mastercard'],
    ['3782-822463-10005', 'American Express'],
    ['6011111111111117', 'Discover'],
    ['3056930009020004', 'Diners Club'],
    ['36227206271667', 'Diners Club'],
    ['3566002020360505', 'JCB'],
    ['6200000000000005', 'UnionPay'],
  ])('%s', (number, issuer) => expect(found('PAYMENT_CARD', `It is ${number}.`)).toEqual([[number, issuer]]));

  test.each(['4242424242424241', '9242424242424242', '42424242424242', '1 4242 4242 4242 4242', '$4242424242424242'])(
    '%s is none: check digit, prefix, length, a longer number, money',
    (number) => expect(found('PAYMENT_CARD', `It is ${number}.`)).toEqual([]),
  );
});

describe('IBAN', () => {
  // SWIFT's registry gives one sample a country.
  test.each([
    'GB29NWBK60161331926819',
    'DE89 3704 0044 0532 0130 00',
    'NO9386011117947',
    'fr1420041010050500013m02606',
  ])('%s', (number) =>
    expect(found('IBAN', `To ${number} and on`)).toEqual([[number, number.slice(0, 2).toUpperCase()]]),
  );
  test.each(['GB28NWBK60161331926819', 'GB29NWBK6016133192681', 'XX29NWBK60161331926819', 'GB29NWBK601613319268190'])(
    '%s is none',
    (number) => expect(found('IBAN', `To ${number} and on`)).toEqual([]),
  );
});

describe('IP address', () => {
  test.each([
    ['from 8.8.8.8', '8.8.8.8', 'IPv4 unicast', 0.4],
    ['host 1.2.3.4:80', '1.2.3.4', 'IPv4 unicast', 0.5],
    ['at 10.20.30.40/24', '10.20.30.40', 'IPv4 private', 0.5],
    ['[2a00:1450:4001::200e]', '2a00:1450:4001::200e', 'IPv6 unicast', 0.5],
    ['fe80::1ff:fe23:4567:890a%eth0', 'fe80::1ff:fe23:4567:890a', 'IPv6 linkLocal', 0.5],
  ])('%s', (text, address, detail, least) => expect(found('IP_ADDRESS', text, least)).toEqual([[address, detail]]));
  test.each([
    '1.2.3.4',
    'v10.20.30.40',
    'version 10.20.30.40',
    '10.20.30.40.50',
    '256.20.30.40',
    'at 12:30:45',
    'a::b',
    '127.0.0.1',
  ])('%s is none', (text) => expect(found('IP_ADDRESS', text)).toEqual([]));
});

describe('URL with credentials', () => {
  test('the span is user and password', () => {
    expect(found('URL_CREDENTIALS', 'use postgres://app:s3cr3t!x@db:5432/main')).toEqual([
      ['app:s3cr3t!x', 'postgres'],
    ]);
    expect(found('URL_CREDENTIALS', 'redis://:hunter22@cache')).toEqual([[':hunter22', 'redis']]);
  });
  test.each(['https://user@site.org', 'https://site.org/a:b@c', 'https://user:password@host', 'https://a:$TOKEN@host'])(
    '%s has none',
    (text) => expect(found('URL_CREDENTIALS', text)).toEqual([]),
  );
});

describe('secrets', () => {
  test.each([
    ['api_key = "a8F3kL0pQz7RtY2wXc5V"', 'a8F3kL0pQz7RtY2wXc5V', 'api_key'],
    ["db.password: 'hunter2!'", 'hunter2!', 'db.password'],
    ['PASSWORD=Tr0ub4dor.', 'Tr0ub4dor', 'password'],
    ['Authorization: Bearer abc123DEF456ghi7', 'abc123DEF456ghi7', 'authorization'],
  ])('%s', (text, value, detail) => expect(found('SECRET', text)).toEqual([[value, detail]]));

  test('a private key is found from its first line to its last, or to the end of the text', () => {
    const key = ['-----BEGIN RSA PRIV', 'ATE KEY-----\nMIIE\n-----END RSA PRIV', 'ATE KEY-----'].join('');
    expect(found('SECRET', `see ${key} there`)).toEqual([[key, 'private key']]);
    expect(found('SECRET', key.slice(0, 40))).toEqual([[key.slice(0, 40), 'private key']]);
  });

  test.each([
    'password: please choose one',
    'api_key = "your_api_key_goes_here_1"',
    'token = next(tokens)',
    'password=$DB_PASSWORD1',
    'The secret: never give up',
    'sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  ])('%s has none', (text) => expect(found('SECRET', text)).toEqual([]));
});

describe('national id', () => {
  test('words around decide about digits that are valid by chance', () => {
    expect(found('NATIONAL_ID', 'it was 046454286 then')).toEqual([]);
    expect(found('NATIONAL_ID', 'SIN 046454286')).toEqual([]);
    expect(found('NATIONAL_ID', 'SIN 130692544')).toEqual([['130692544', 'CA SIN']]);
    expect(found('NATIONAL_ID', 'order 536-22-8726')).toEqual([]);
    expect(found('NATIONAL_ID', 'reached at 536-22-8726')).toEqual([['536-22-8726', 'US SSN']]);
  });
  test('a number that goes on is another number', () => {
    for (const text of ['SSN 536-22-8726-1', 'SSN 1-536-22-8726', 'SSN x536-22-8726', 'SSN 536-22-87261']) {
      expect(found('NATIONAL_ID', text)).toEqual([]);
    }
  });
  test('look-alikes of space and hyphen count, and Chinese touches digits', () => {
    expect(found('NATIONAL_ID', '536‑22‑8726')).toEqual([['536‑22‑8726', 'US SSN']]);
    expect(found('NATIONAL_ID', '身份证号11010519491231002X。')).toEqual([
      ['11010519491231002X', 'CN resident identity number'],
    ]);
  });
});

test('long texts without spaces, and of nothing but beginnings, are read in time that grows with their length', () => {
  const scan = createScan({
    kinds: [...PersonalDataKind.options],
    phoneRegions: ['US', 'GB', 'DE', 'FR'],
    leastConfidence: 0.5,
  });
  const beginnings = [
    '@',
    'a@b',
    '1',
    '12 ',
    '1-',
    'a.',
    '::',
    'a:',
    '://a:',
    'key',
    'password=',
    'eyJa.',
    '-----BEGIN ',
    'Aa ',
  ];
  for (const beginning of beginnings) {
    expect(scan(beginning.repeat(Math.ceil(200_000 / beginning.length)))).toBeInstanceOf(Array);
  }
});
