import { expect, test } from 'vitest';
import { licenceOf } from '../../../gpu-worker/hugging-face/model-card.js';

test.each([
  ['---\nlanguage: en\nlicense: apache-2.0\n---\n# Model', 'apache-2.0'],
  ['---\r\nlicense: "mit"\r\n---\r\n', 'mit'],
  ["---\nlicense: 'cc-by-4.0' # as the data\n---", 'cc-by-4.0'],
  ['---\nlicense:\n- bsd-3-clause\n- mit\n---\n', 'bsd-3-clause'],
  ['---\nlicense: [mit, apache-2.0]\n---\n', 'mit'],
  ['---\nlicense: other\nlicense_name: acme-research\n---\n', 'acme-research'],
  ['---\nlicense: other\n---\n', 'other'],
  ['---\ndataset:\n  license: mit\n---\n', null],
  ['---\nlicense:\nlanguage: en\n---\n', null],
  ['# Model\nlicense: mit', null],
  ['', null],
])('the licence of %j', (card, licence) => {
  expect(licenceOf(card)).toBe(licence);
});

test('a licence is told as the database can store it', () => {
  expect(licenceOf('---\nlicense: mit\0 or so\n---\n')).toBe('mit␀ or so');
});
