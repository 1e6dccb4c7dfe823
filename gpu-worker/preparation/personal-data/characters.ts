/** Classes of UTF-16 code units that the detectors ask for where a regular expression would cost more. */

export const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39;

export const isAsciiLetter = (code: number): boolean => {
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x7a;
};

export const isAlphanumeric = (code: number): boolean => isDigit(code) || isAsciiLetter(code);

/**
 * Whether a code unit goes on with a word that stands before or after it. Letters of scripts that are written without
 * spaces (Chinese, Japanese, Thai) do not: a number may follow them at once.
 */
export const isWordCharacter = (code: number): boolean =>
  isAlphanumeric(code) ||
  code === 0x5f ||
  // Latin, Greek and Cyrillic letters with and without marks; × and ÷ are none.
  (code >= 0xc0 && code <= 0x24f && code !== 0xd7 && code !== 0xf7) ||
  (code >= 0x370 && code <= 0x52f);

/** Spaces that stand inside numbers: the plain one, no-break, narrow no-break and thin. */
export const isNumberSpace = (code: number): boolean =>
  code === 0x20 || code === 0xa0 || code === 0x202f || code === 0x2009;

/** Hyphen-minus, and the hyphens and dashes U+2010 to U+2013 that editors put in its place. */
export const isHyphen = (code: number): boolean => code === 0x2d || (code >= 0x2010 && code <= 0x2013);
