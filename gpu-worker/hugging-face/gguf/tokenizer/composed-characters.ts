/** Beyond it Unicode has no characters that NFKC changes, but for some thousand ideographs (U+2F800…). */
const lastCharacter = 0x2fa1f;

/** Hangul is composed by a rule, of characters that vocabularies have as they are or not at all. */
const isHangul = (code: number) => code >= 0xac00 && code <= 0xd7a3;

/**
 * Unicode's NFKC as replacements: of single characters, and of letters with accents in every way in which Unicode can
 * spell them. Accents in another order than Unicode's own stay as they are.
 *
 * @param keeps whether a replacement matters, of texts that it changes
 */
export function compositionRules(keeps: (text: string, composed: string) => boolean): Map<string, string> {
  const rules = new Map<string, string>();
  const put = (text: string) => {
    const composed = text.normalize('NFKC');
    if (composed !== text && keeps(text, composed)) rules.set(text, composed);
  };
  for (let code = 1; code <= lastCharacter; code++) {
    if ((code >= 0xd800 && code <= 0xdfff) || isHangul(code)) continue;
    const character = String.fromCodePoint(code);
    put(character);
    for (const spelling of spellings(character.normalize('NFD'))) put(spelling);
  }
  return rules;
}

/** The ways to compose a beginning of a decomposed text, the rest left apart: `e◌̂◌́` gives `ê◌́` as well. */
function spellings(decomposed: string): string[] {
  const parts = [...decomposed];
  return parts.map(
    (_, count) =>
      parts
        .slice(0, count + 1)
        .join('')
        .normalize('NFC') + parts.slice(count + 1).join(''),
  );
}
