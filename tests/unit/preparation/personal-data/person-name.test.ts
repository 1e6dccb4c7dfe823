import { expect, test } from 'vitest';
import { createScan } from '../../../../gpu-worker/preparation/personal-data/scan.js';

const scan = createScan({ kinds: ['PERSON_NAME'], phoneRegions: [], leastConfidence: 0.5 });
const names = (text: string) => scan(text).map(({ start, end }) => text.slice(start, end));

test.each([
  ['I spoke to Anna yesterday.', ['Anna']],
  ['Anna Smith and Peter O’Neil came.', ['Anna Smith', 'Peter O’Neil']],
  ['Ask Dr. Okafor or Frau van Dyk.', ['Okafor', 'van Dyk']],
  ['signed by Robert J. van der Berg on Monday', ['Robert J. van der Berg']],
  ['My name is Grace, and this is Will.', ['Grace']],
  ['Mrs Will Turner', ['Will Turner']],
  ['Mónica works in Paris with Jean-Luc.', ['Mónica']],
])('%s', (text, expected) => expect(names(text)).toEqual(expected));

test.each([
  'Will you come in May? I hope so.',
  'The Grant was given in April, in Virginia and Paris.',
  'mark the rose and bill me',
  'HAPPY NEW YEAR',
  'See annaSmith, @Anna and #Robert, or Anna2.',
  'Dear Sir or Madam',
])('%s: none', (text) => expect(names(text)).toEqual([]));
