import { type InputProblem, problem } from '../problems/problem.js';

/** How many bytes are looked at. */
export const encodingSampleBytes = 64 * 1024;

interface Encoding {
  /** The name for iconv and TextDecoder. */
  readonly name: string;
  readonly spoken: string;
  /** Whether the characters beyond ASCII of a decoded text show it to be in this encoding. */
  readonly shows: (beyondAscii: string, text: string) => boolean;
}

function countOf(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0;
}

/** The share of characters that match. */
function share(text: string, character: RegExp): number {
  return countOf(text, character) / text.length;
}

const kana = /[\u3041-\u30ff]/gu;
const eastAsian = /[\u3000-\u30ff\u4e00-\u9fff\uac00-\ud7a3\uff01-\uff60\u2010-\u2026]/gu;
const isJapanese = (text: string) => share(text, eastAsian) > 0.95 && share(text, kana) > 0.2;
/** The most frequent characters of Chinese, in its two scripts: about a quarter of a text. */
const simplified =
  /[的一是不了在有人我他这中大来上国个到说们为子和你地出道也时年得就那要下以生会自着去之过家学对可她里后很好]/gu;
const traditional =
  /[的一是不了在有人我他這中大來上國個到說們為子和你地出道也時年得就那要下以生會自著去之過家學對可她裡後很好]/gu;
const isChinese = (text: string, frequent: RegExp) => share(text, eastAsian) > 0.95 && share(text, frequent) > 0.1;

/**
 * Words of Cyrillic letters alone, mostly the ten most frequent ones of Russian. Other encodings of Cyrillic, and of
 * Greek, give Cyrillic letters too, but rare or capital ones, and those of Hebrew never the last five.
 */
function isCyrillic(beyondAscii: string, text: string): boolean {
  return (
    share(beyondAscii, /[\u0400-\u04ff«»№—–“”„…]/gu) > 0.95 &&
    share(beyondAscii, /[оеаинтсрвл]/gu) > 0.45 &&
    /[ыьэюя]/.test(text) &&
    !/[a-z][\u0400-\u04ff]|[\u0400-\u04ff][a-z]/i.test(text)
  );
}

/** Some versions of Node read the quotes and dashes of Windows-1252 as Latin-1's control characters. */
const western =
  /[À-ÏÑ-ÖØ-Üß-ïñ-öø-üÿŒœŠšŽž‘’“”„–—…€£©®°§«»¿¡´½¼¾²³µ·•™\u00a0\u0080\u0082-\u008c\u008e\u0091-\u009c\u009e\u009f]/gu;

/** The share of characters beyond ASCII that may stand where they do not in a well-typed text: people type “x£nd”. */
const mistyped = 0.02;

/**
 * Letters of Western Europe stand among ASCII's, one or two at a time. Central Europe's letters have the same bytes as
 * symbols, which would stand within words, or as letters that do not occur together in one language. A pound sign
 * before a digit is one, whatever stands before it.
 */
function isWestern(beyondAscii: string, text: string): boolean {
  return (
    share(beyondAscii, western) > 0.98 &&
    countOf(text, /[^\0-\x7f]{4,}|[a-z](?!£\d)[¡-¯±-¶¸-¿]|[¢-¦¨©®¯±-¶¸-º¼-¾][a-z]/giu) <=
      mistyped * beyondAscii.length &&
    !(/[øØ]/.test(text) && /[ìèùò]/.test(text))
  );
}

const encodings: readonly Encoding[] = [
  { name: 'SHIFT_JIS', spoken: 'Shift_JIS', shows: isJapanese },
  { name: 'EUC-JP', spoken: 'EUC-JP', shows: isJapanese },
  { name: 'EUC-KR', spoken: 'EUC-KR', shows: (text) => share(text, /[\uac00-\ud7a3]/gu) > 0.8 },
  { name: 'GB18030', spoken: 'GBK or GB18030', shows: (text) => isChinese(text, simplified) },
  { name: 'BIG5', spoken: 'Big5', shows: (text) => isChinese(text, traditional) },
  { name: 'WINDOWS-1251', spoken: 'Windows-1251', shows: isCyrillic },
  { name: 'KOI8-R', spoken: 'KOI8-R', shows: isCyrillic },
  { name: 'WINDOWS-1252', spoken: 'Windows-1252 or Latin-1', shows: isWestern },
];

/** What is met most often, by the labels that the option takes. */
const usual: readonly (readonly [label: string, where: string])[] = [
  ['windows-1252', 'Western Europe'],
  ['windows-1250', 'Central Europe'],
  ['iso-8859-2', 'Central Europe'],
  ['windows-1251', 'Cyrillic'],
  ['windows-1253', 'Greek'],
  ['windows-1254', 'Turkish'],
  ['windows-1255', 'Hebrew'],
  ['windows-1256', 'Arabic'],
  ['shift_jis', 'Japanese'],
  ['gb18030', 'Chinese'],
  ['big5', 'Chinese'],
  ['euc-kr', 'Korean'],
];

/** The usual encodings in which these bytes are characters, and no control characters. */
function candidates(bytes: Uint8Array): string {
  const fitting = usual.filter(([label]) => {
    const { beyondAscii } = read(bytes, label);
    return beyondAscii !== null && !/[\u0080-\u009f]/.test(beyondAscii);
  });
  if (fitting.length === 0) return 'none of the usual ones';
  return fitting.map(([label, where]) => `${label} (${where})`).join(', ');
}

/** The problem of a file that is not UTF-8, with its encoding if that can be recognised. */
export function notUtf8(path: readonly string[], bytes: Uint8Array): InputProblem {
  const encoding = recognise(bytes.subarray(0, encodingSampleBytes));
  const given = 'give `fileOptions: { encoding: … }`';
  const hint =
    encoding === null
      ? `Its encoding was not recognised. It can be ${candidates(bytes.subarray(0, encodingSampleBytes))}. If you know it, ${given}; or save the file as UTF-8, in the program that wrote it or with \`iconv -f <encoding> -t UTF-8\`.`
      : `The file looks like ${encoding.spoken}: ${given}, or save it as UTF-8, e.g. with \`iconv -f ${encoding.name} -t UTF-8\`.`;
  return problem(path, 'WRONG_FORMAT', 'The file is not UTF-8.', hint);
}

/** The encoding that these bytes, which are not UTF-8, are in, as TextDecoder names it; null: it is not recognised. */
export function recogniseEncoding(bytes: Uint8Array): string | null {
  return recognise(bytes.subarray(0, encodingSampleBytes))?.name.toLowerCase() ?? null;
}

interface Reading {
  readonly text: string;
  /** The characters beyond ASCII; null: there is none, or not every byte can be read. */
  readonly beyondAscii: string | null;
}

function read(bytes: Uint8Array, encoding: string): Reading {
  const text = new TextDecoder(encoding).decode(bytes);
  // The bytes may have been cut within a character.
  const beyondAscii = text.replace(/[\0-\x7f]/g, '').replace('\ufffd', '');
  return { text, beyondAscii: beyondAscii === '' || beyondAscii.includes('\ufffd') ? null : beyondAscii };
}

/** Whether all beyond ASCII is East Asian, and two such characters stand together. */
function areWords({ text, beyondAscii }: Reading): boolean {
  return beyondAscii !== null && share(beyondAscii, eastAsian) > 0.95 && /[\u3041-\u9fff]{2}/.test(text);
}

function recognise(bytes: Uint8Array): Encoding | null {
  const found = encodings.filter(({ name, shows }) => {
    const { text, beyondAscii } = read(bytes, name);
    return beyondAscii !== null && shows(beyondAscii, text);
  });
  // A few words of Shift_JIS without kana are letters of the West as well.
  if (found[0]?.shows === isWestern && areWords(read(bytes, 'SHIFT_JIS'))) return null;
  // Two that fit say nothing.
  return found.length === 1 ? found[0]! : null;
}
