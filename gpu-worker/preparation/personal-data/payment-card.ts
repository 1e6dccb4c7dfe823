import { passesLuhn } from './check-digits.js';
import { judgedByContext, wordsPattern } from './context.js';
import type { Finding } from './finding.js';
import { compactNumber, type NumberShape } from './number-shapes.js';

/** The forms of card numbers, and how sure each is of itself once prefix, length and Luhn hold. */
export const cardShapes: readonly NumberShape[] = [
  ...['d13', 'd14', 'd15', 'd16', 'd17', 'd18', 'd19'],
  ...[' ', '-', '.'].flatMap((separator) =>
    [
      ['d4', 'd4', 'd4', 'd4'],
      ['d4', 'd6', 'd5'],
      ['d4', 'd6', 'd4'],
      ['d4', 'd4', 'd4', 'd4', 'd3'],
    ].map((groups) => groups.join(separator)),
  ),
  'd6 d10',
  'd6 d13',
];

interface Issuer {
  readonly name: string;
  /** Ranges of the first digits (ISO/IEC 7812 issuer identification numbers), first and last. */
  readonly prefixes: readonly (readonly [first: string, last: string])[];
  readonly lengths: readonly number[];
}

/** Prefixes and lengths as Braintree's credit-card-type and the networks' own pages give them. */
const issuers: readonly Issuer[] = [
  { name: 'Visa', prefixes: [['4', '4']], lengths: [13, 16, 18, 19] },
  {
    name: 'Mastercard',
    prefixes: [
      ['51', '55'],
      ['2221', '2720'],
    ],
    lengths: [16],
  },
  {
    name: 'American Express',
    prefixes: [
      ['34', '34'],
      ['37', '37'],
    ],
    lengths: [15],
  },
  {
    name: 'Diners Club',
    prefixes: [
      ['300', '305'],
      ['36', '36'],
      ['38', '39'],
    ],
    lengths: [14, 16, 19],
  },
  {
    name: 'Discover',
    prefixes: [
      ['6011', '6011'],
      ['644', '649'],
      ['65', '65'],
    ],
    lengths: [16, 19],
  },
  { name: 'JCB', prefixes: [['3528', '3589']], lengths: [16, 17, 18, 19] },
  {
    name: 'UnionPay',
    prefixes: [
      ['620', '629'],
      ['8100', '8171'],
    ],
    lengths: [16, 17, 18, 19],
  },
  {
    name: 'Maestro',
    prefixes: [
      ['5018', '5018'],
      ['5020', '5020'],
      ['5038', '5038'],
      ['5893', '5893'],
      ['6304', '6304'],
      ['6759', '6763'],
    ],
    lengths: [13, 14, 15, 16, 17, 18, 19],
  },
  { name: 'Mir', prefixes: [['2200', '2204']], lengths: [16, 17, 18, 19] },
  {
    name: 'RuPay',
    prefixes: [
      ['508', '508'],
      ['60', '60'],
      ['81', '82'],
    ],
    lengths: [16],
  },
  {
    name: 'Elo',
    prefixes: [
      ['401178', '401179'],
      ['438935', '438935'],
      ['636368', '636368'],
    ],
    lengths: [16],
  },
];

const words = wordsPattern([
  'card',
  'cards',
  'credit',
  'debit',
  'visa',
  'mastercard',
  'amex',
  'american express',
  'discover',
  'maestro',
  'jcb',
  'diners',
  'unionpay',
  'cvv',
  'cvc',
  'expiry',
  'expires',
  'payment',
  'paid',
  'charge',
  'charged',
  'billing',
  'pan',
  'karte',
  'kreditkarte',
  'carte',
  'tarjeta',
  'carta',
  'cartão',
  'kaart',
  'karta',
  '卡号',
]);

/** Judges what stands in the form of a card number: issuer by prefix and length, then Luhn. */
export function judgeCard(text: string, start: number, end: number, found: Finding[]): void {
  const compact = compactNumber(text, start, end);
  const issuer = issuers.find(
    ({ prefixes, lengths }) =>
      lengths.includes(compact.length) &&
      prefixes.some(([first, last]) => {
        const prefix = compact.slice(0, first.length);
        return prefix >= first && prefix <= last;
      }),
  );
  if (!issuer || !passesLuhn(compact)) return;
  // Of random digits with a right length and prefix one in ten passes Luhn, so digits in one piece are less certain.
  const base = end - start > compact.length ? 0.9 : 0.6;
  const confidence = judgedByContext(text, start, end, base, words);
  found.push({ kind: 'PAYMENT_CARD', detail: issuer.name, start, end, confidence });
}
