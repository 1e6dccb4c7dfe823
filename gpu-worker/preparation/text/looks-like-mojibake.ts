import { usedAs } from './mojibake-characters.js';

const {
  common,
  c1,
  bad,
  law,
  currency,
  startPunctuation,
  endPunctuation,
  numeric,
  kaomoji,
  upperAccented,
  lowerAccented,
  upperCommon,
  lowerCommon,
  box,
} = usedAs;

/** Unicode's White_Space and the separators of ASCII; RE2 has no name for it. */
const whiteSpace = '\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000';
const accented = lowerAccented + upperAccented;
const punctuation = startPunctuation + endPunctuation;
/** What follows Ø or Ù in Arabic texts; the characters are common, and so four are required. */
const afterArabic = `[ØÙ][${common}${currency}${bad}${numeric}${startPunctuation}ŸŠ®°µ»]`;

/**
 * Neighbours that texts hardly ever have, and mojibake has often. The heuristic is that of ftfy 6.3.1 (Robyn Speer,
 * Apache License 2.0; `ftfy/badness.py`), rule by rule in its order.
 */
const unlikelyNeighbours = [
  `[${c1}]`,
  `[${bad}${accented}${box}${punctuation}${currency}${numeric}${law}][${bad}]`,
  `[a-zA-Z][${lowerCommon}${upperCommon}][${bad}]`,
  `[${bad}][${accented}${box}${punctuation}${currency}${numeric}${law}]`,
  `[${lowerAccented}${lowerCommon}${box}${endPunctuation}${currency}${numeric}][${upperAccented}]`,
  `[${box}${endPunctuation}${currency}${numeric}][${lowerAccented}]`,
  `[${lowerAccented}${box}${endPunctuation}][${currency}]`,
  `[${whiteSpace}][${upperAccented}][${currency}]`,
  `[${upperAccented}${box}][${numeric}${law}]`,
  `[${accented}${box}${currency}${endPunctuation}][${startPunctuation}][${numeric}]`,
  `[${accented}${currency}${numeric}${box}${law}][${endPunctuation}][${startPunctuation}]`,
  `[${currency}${numeric}${box}][${startPunctuation}]`,
  `[a-z][${upperAccented}][${startPunctuation}${currency}]`,
  `[${box}][${kaomoji}]`,
  `[${accented}${currency}${numeric}${punctuation}${law}][${box}]`,
  `[${box}][${endPunctuation}]`,
  String.raw`[${accented}][${punctuation}][\p{L}\p{N}_]`,
  // The ligature œ where no plain Latin letter follows, and the sign of degrees after a capital letter.
  '[Œœ][^A-Za-z]',
  `[${upperAccented}]°`,
  // Windows-1252: frequent pairs that the rules above do not have.
  String.raw`[ÂÃÎÐ][€œŠš¢£Ÿž\xa0\xad®©°·»${punctuation}–—´]`,
  '×[²³]',
  `${afterArabic}${afterArabic}`,
  // Windows-1252: the begin of letters of South Asian scripts.
  'à[²µ¹¼½¾]',
  // Mac Roman.
  '√[±∂†≠®™´≤≥¥µø]',
  '≈[°¢]',
  '‚Ä[ìîïòôúùû†°¢π]',
  '‚[âó][àä°ê]',
  // Windows-1251: characters of U+2000 and later, then Latin-1 and Cyrillic letters, then mojibake of mojibake.
  'вЂ',
  `[ВГРС][${c1}${bad}${punctuation}${currency}°µ][ВГРС]`,
  String.raw`ГўВЂВ[^\n][A-Za-z ]`,
  // Windows-1252: à, á, and U+00A0 itself.
  String.raw`Ã[\xa0¡]`,
  `[a-z][${whiteSpace}]?[ÃÂ] `,
  '^[ÃÂ] ',
  // Windows-1252: Â before a character that stands for itself.
  `[a-z.,?!${endPunctuation}]Â[ ${punctuation}]`,
  // Windows-1253: characters of U+2000 and later, then Latin-1 and Greek letters.
  String.raw`β€[™\xa0Ά\xad®°]`,
  `[ΒΓΞΟ][${c1}${bad}${punctuation}${currency}°][ΒΓΞΟ]`,
  // Windows-1257: characters of U+2000 and later.
  'ā€',
];

/** In the syntax that RE2 has, too. */
const pattern = unlikelyNeighbours.join('|');
const unlikely = new RegExp(pattern, 'u');

/** The same for RE2, of a text whose lines are judged one by one. */
export const mojibakeInLines = `(?m)${pattern}`;

/** Whether a text has characters beside each other that hardly any text has, unless it is mojibake. */
export function looksLikeMojibake(text: string): boolean {
  return unlikely.test(text);
}
