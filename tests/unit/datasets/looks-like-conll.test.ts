import { expect, test } from 'vitest';
import { looksLikeConll } from '../../../gpu-worker/preparation/ingestion/looks-like-conll.js';

const looks = (text: string): boolean => looksLikeConll(Buffer.from(text));

test.each([
  [
    'CoNLL-2003',
    '-DOCSTART- -X- O O\n\nEU NNP I-NP B-ORG\nrejects VBZ I-VP O\n\nPeter NNP I-NP B-PER\nBlackburn NNP I-NP I-PER\n',
  ],
  ['two columns and tabs', 'EU\tB-ORG\nrejects\tO\nGerman\tB-MISC\n\ncall\tO\n.\tO\n'],
  [
    'lines of Windows, a last line that is cut',
    'EU B-ORG\r\nrejects O\r\n\r\nPeter B-PER\r\nBlackburn E-PER\r\nhalf a',
  ],
])('CoNLL is recognised: %s', (_, text) => {
  expect(looks(text)).toBe(true);
});

test.each([
  ['a table', 'text,label\nhello there,a\n\nbye now,b\nagain,a\nonce more,b\n'],
  ['a table of words and tags, without sentences', 'EU,B-ORG\nrejects,O\nGerman,B-MISC\ncall,O\n'],
  ['words without a tag that begins anything', 'blood A O\nblood B O\n\nblood AB O\nblood C O\n'],
  ['texts with blank lines', 'one line of text\nand another O\n\nmore B-ORG\nlast one\n'],
  ['too little', 'EU B-ORG\n\nPeter B-PER\n'],
])('other text is not: %s', (_, text) => {
  expect(looks(text)).toBe(false);
});
