import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createMask } from '../../../../gpu-worker/preparation/personal-data/mask.js';
import { createScan } from '../../../../gpu-worker/preparation/personal-data/scan.js';
import { PersonalDataMask, usualScan } from '../../../../src/protocol/preparation/steps/personal-data.js';
import { seeded } from './draw.js';
import { plantedTexts } from './planted.js';

const scan = createScan({ ...usualScan, phoneRegions: ['US', 'GB', 'DE', 'FR'] });
const masks = PersonalDataMask.options;

const masked = (text: string, mask: PersonalDataMask, seed = 7) => createMask(scan, mask, seed)(text);

test('each mask', () => {
  const text = 'Card 4242 4242 4242 4242, joe@site.org';
  expect(masked(text, 'LABEL')).toBe('Card [PAYMENT_CARD], [EMAIL]');
  expect(masked(text, 'MARK')).toBe(`Card ${'*'.repeat(19)}, ${'*'.repeat(12)}`);
  expect(masked(text, 'LAST_FOUR')).toBe('Card **** **** **** 4242, ***@***e.org');
  expect(masked(text, 'HASH', 1)).toMatch(/^Card \[PAYMENT_CARD:[a-p]{16}\], \[EMAIL:[a-p]{16}\]$/);
  expect(masked(text, 'PSEUDONYM', 1)).toMatch(/^Card \d{4} \d{4} \d{4} \d{4}, [a-z]{3}@example\.com$/);
});

test('a short value shows no last four', () => {
  expect(masked('mail a@b.io', 'LAST_FOUR')).toBe('mail ******');
});

test('a text without finds is the same string', () => {
  const text = 'nothing to see at 10:30 on 2024-01-15';
  for (const mask of masks) expect(masked(text, mask)).toBe(text);
});

describe('hash and pseudonym', () => {
  test('are equal for equal values in any form and place, differ for others, and depend on the seed', () => {
    for (const kind of ['HASH', 'PSEUDONYM'] as const) {
      const values = (text: string, seed: number) => masked(text, kind, seed);
      const [one, other] = values('card 4242-4242-4242-4242 and 5555-5555-5555-4444', 3).slice(5).split(' and ');
      expect(values('Visa 4242 4242 4242 4242', 3).slice(5).replaceAll(' ', '-')).toBe(one);
      expect(one).not.toBe(other);
      expect(values('card 4242-4242-4242-4242', 4).slice(5)).not.toBe(one);
    }
  });

  test('pseudonyms have the same form', () => {
    const pseudonym = (text: string) => masked(text, 'PSEUDONYM', 5);
    expect(pseudonym('call (415) 555-2671')).toMatch(/^call \(000\) \d{3}-\d{4}$/);
    expect(pseudonym('call +44 20 7946 0958')).toMatch(/^call \+99 9\d \d{4} \d{4}$/);
    expect(pseudonym('host 8.8.8.8')).toMatch(/^host 2[45]\d\.\d+\.\d+\.\d+$/);
    expect(pseudonym('to DE89 3704 0044 0532 0130 00')).toMatch(/^to [A-Z]{2}\d\d \d{4} \d{4} \d{4} \d{4} \d\d$/);
    expect(pseudonym('SSN 536-22-8726')).toMatch(/^SSN \d{3}-\d\d-\d{4}$/);
  });
});

test.each(masks)('what %s leaves is clean, and stays as it is', (mask) => {
  const apply = createMask(scan, mask, 7);
  for (const { text, planted } of plantedTexts(seeded(77), 30)) {
    const result = apply(text);
    expect(scan(result), `${text} → ${result}`).toEqual([]);
    expect(apply(result)).toBe(result);
    // What stands around the value stays.
    if (planted && scan(text).length === 1) {
      expect(result.startsWith(text.slice(0, planted.start))).toBe(true);
      expect(result.endsWith(text.slice(planted.end))).toBe(true);
      expect(result).not.toContain(text.slice(planted.start, planted.end));
    }
  }
});

test('any text is clean after a mask', () => {
  const piece = fc.oneof(
    fc.string({ maxLength: 12 }),
    fc.constantFrom(
      'joe@site.org',
      '4242424242424242',
      '://',
      'a:b1c2d3!@',
      '+44 20 7946 0958',
      'SSN ',
      '536-22-8726',
      ' ',
    ),
    fc.constantFrom(
      'GB29NWBK60161331926819',
      '8.8.8.8',
      'api_key=',
      'a8F3kL0pQz7RtY2wXc5V',
      'phone ',
      '415-555-2671',
      '-',
    ),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 10 }), fc.constantFrom(...masks), (pieces, mask) => {
      expect(scan(createMask(scan, mask, 7)(pieces.join('')))).toEqual([]);
    }),
    { numRuns: 400, seed: 11 },
  );
});
