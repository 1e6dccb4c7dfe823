import { describe, expect, test } from 'vitest';
import { notUtf8 } from '../../../src/preparation/text-encoding.js';

const hint = (hex: string) => notUtf8(['uploadId'], Buffer.from(hex.replaceAll(' ', ''), 'hex')).hint;

/** Bytes as Python's codecs write these texts. */
const known: readonly (readonly [string, string, string])[] = [
  [
    'SHIFT_JIS',
    'この映画はとても面白かったです,positive',
    '82 b1 82 cc 89 66 89 e6 82 cd 82 c6 82 c4 82 e0 96 ca 94 92 82 a9 82 c1 82 bd 82 c5 82 b7 2c 70 6f 73 69 74 69 76 65',
  ],
  [
    'SHIFT_JIS',
    'text,label\nサービスが悪い,否定',
    '74 65 78 74 2c 6c 61 62 65 6c 0a 83 54 81 5b 83 72 83 58 82 aa 88 ab 82 a2 2c 94 db 92 e8',
  ],
  [
    'EUC-JP',
    'この映画はとても面白かったです,positive',
    'a4 b3 a4 ce b1 c7 b2 e8 a4 cf a4 c8 a4 c6 a4 e2 cc cc c7 f2 a4 ab a4 c3 a4 bf a4 c7 a4 b9 2c 70 6f 73 69 74 69 76 65',
  ],
  [
    'EUC-KR',
    '이 영화는 정말 재미있었다,긍정',
    'c0 cc 20 bf b5 c8 ad b4 c2 20 c1 a4 b8 bb 20 c0 e7 b9 cc c0 d6 be fa b4 d9 2c b1 e0 c1 a4',
  ],
  [
    'GB18030',
    '这部电影真的很好看,我们都喜欢',
    'd5 e2 b2 bf b5 e7 d3 b0 d5 e6 b5 c4 ba dc ba c3 bf b4 2c ce d2 c3 c7 b6 bc cf b2 bb b6',
  ],
  [
    'BIG5',
    '這部電影真的很好看,我們都喜歡',
    'b3 6f b3 a1 b9 71 bc 76 af 75 aa ba ab dc a6 6e ac dd 2c a7 da ad cc b3 a3 b3 df c5 77',
  ],
  [
    'WINDOWS-1251',
    'Очень хороший фильм, всем советую',
    'ce f7 e5 ed fc 20 f5 ee f0 ee f8 e8 e9 20 f4 e8 eb fc ec 2c 20 e2 f1 e5 ec 20 f1 ee e2 e5 f2 f3 fe',
  ],
  [
    'KOI8-R',
    'Очень хороший фильм, всем советую',
    'ef de c5 ce d8 20 c8 cf d2 cf db c9 ca 20 c6 c9 cc d8 cd 2c 20 d7 d3 c5 cd 20 d3 cf d7 c5 d4 d5 c0',
  ],
  ['WINDOWS-1252', 'naïve,b', '6e 61 ef 76 65 2c 62'],
  [
    'WINDOWS-1252',
    '“Très bon film” – déjà vu…,5 €',
    '93 54 72 e8 73 20 62 6f 6e 20 66 69 6c 6d 94 20 96 20 64 e9 6a e0 20 76 75 85 2c 35 20 80',
  ],
  [
    'WINDOWS-1252',
    'Größe über alles, schöne Straße',
    '47 72 f6 df 65 20 fc 62 65 72 20 61 6c 6c 65 73 2c 20 73 63 68 f6 6e 65 20 53 74 72 61 df 65',
  ],
  [
    'WINDOWS-1252',
    '¿Dónde está el niño? ¡Aquí!',
    'bf 44 f3 6e 64 65 20 65 73 74 e1 20 65 6c 20 6e 69 f1 6f 3f 20 a1 41 71 75 ed 21',
  ],
  [
    'WINDOWS-1252',
    'Rødgrød med fløde på æblegrød',
    '52 f8 64 67 72 f8 64 20 6d 65 64 20 66 6c f8 64 65 20 70 e5 20 e6 62 6c 65 67 72 f8 64',
  ],
  ['WINDOWS-1252', '20°C is 68°F', '32 30 b0 43 20 69 73 20 36 38 b0 46'],
];

describe('an encoding is named where it is recognised', () => {
  test.each(known)('%s: %s', (name, _text, hex) => {
    expect(hint(hex)).toContain(`iconv -f ${name} -t UTF-8`);
  });
});

describe('an encoding is not named where it is not', () => {
  test.each([
    [
      'SHIFT_JIS, two words without kana',
      'text,l\n日本語,映画',
      '74 65 78 74 2c 6c 0a 93 fa 96 7b 8c ea 2c 89 66 89 e6',
    ],
    ['ISO-8859-2', 'Zażółć gęślą jaźń', '5a 61 bf f3 b3 e6 20 67 ea b6 6c b1 20 6a 61 bc f1'],
    ['WINDOWS-1250', 'Zażółć gęślą jaźń', '5a 61 bf f3 b3 e6 20 67 ea 9c 6c b9 20 6a 61 9f f1'],
    [
      'WINDOWS-1250',
      'Příliš žluťoučký kůň úpěl ďábelské ódy',
      '50 f8 ed 6c 69 9a 20 9e 6c 75 9d 6f 75 e8 6b fd 20 6b f9 f2 20 fa 70 ec 6c 20 ef e1 62 65 6c 73 6b e9 20 f3 64 79',
    ],
    ['WINDOWS-1253', 'Πολύ καλή ταινία', 'd0 ef eb fd 20 ea e1 eb de 20 f4 e1 e9 ed df e1'],
    ['WINDOWS-1255', 'סרט טוב מאוד', 'f1 f8 e8 20 e8 e5 e1 20 ee e0 e5 e3'],
    [
      'WINDOWS-1254',
      'Çok güzel bir film, işte böyle ağır',
      'c7 6f 6b 20 67 fc 7a 65 6c 20 62 69 72 20 66 69 6c 6d 2c 20 69 fe 74 65 20 62 f6 79 6c 65 20 61 f0 fd 72',
    ],
    ['WINDOWS-1256', 'فيلم جيد جدا', 'dd ed e1 e3 20 cc ed cf 20 cc cf c7'],
  ])('%s: %s', (_name, _text, hex) => {
    expect(hint(hex)).toContain('Its encoding was not recognised.');
  });
});

describe('Western texts that people typed', () => {
  const latin = (text: string) => notUtf8(['uploadId'], Buffer.from(text, 'latin1')).hint;
  const messages = 'Win a prize, tones cost 3x\xa3150pw!\nOnly\xa32000 or \xa31 a day\nI love \xfc all\n'.repeat(20);

  test('are recognised, though a sign stands within a word here and there', () => {
    expect(latin(`${messages}to e\xa3nd txt stop\n`)).toContain('iconv -f WINDOWS-1252');
    expect(latin(`${messages}caf\xe9\xe9\xe9\xe9\xe9!\n`)).toContain('iconv -f WINDOWS-1252');
  });

  test('are not recognised where this is not rare', () => {
    expect(latin(`${messages}${'to e\xa3nd txt stop\n'.repeat(5)}`)).toContain('was not recognised');
    expect(latin('to e\xa3nd txt stop\n')).toContain('was not recognised');
  });
});

test('the hint names the usual encodings in which the bytes are characters', () => {
  const polish = hint('5a 61 bf f3 b3 e6 20 67 ea b6 6c b1 20 6a 61 bc f1');
  expect(polish).toContain('It can be windows-1252 (Western Europe), windows-1250 (Central Europe), iso-8859-2');
  // In Windows-1253 no character has the byte 0xd2, and 0x8c is a control character in ISO 8859-2.
  const bytes = hint('61 d2 8c 61 b1 61 b3 61');
  expect(bytes).toContain('windows-1250');
  expect(bytes).not.toMatch(/windows-1253|iso-8859-2/);
});

test('a character that is cut at the end of what is looked at does not matter', () => {
  const shiftJis = known.find(([name]) => name === 'SHIFT_JIS')![2];
  expect(hint(shiftJis.slice(0, -2))).toContain('Shift_JIS');
});
