import { normalForm } from '../text/normal-form.js';

const ascii = /^[\0-\x7f]*$/;
const asciiSeparators = /[^a-z0-9$+<=>^`|~]+/g;
// One character at a time: a run of millions of these would overflow the stack of V8's expressions.
const ignorable = /[\p{Default_Ignorable_Code_Point}\p{Cf}]/gu;
const separator = /[\p{P}\p{Z}\p{Cc}]/gu;
const blank = /[\p{Z}\p{Cc}]/gu;
const spaces = / +/g;

/**
 * A text without what makes no difference when texts are compared as “normalized”. Of each text
 *
 * - invisible characters go (Unicode's Default_Ignorable_Code_Point and Cf: zero-width spaces and joiners, soft
 *   hyphens, variation selectors, byte order marks),
 * - compatible characters become one (NFKC: full-width letters, ligatures, composed and decomposed accents),
 * - capital letters become small ones; ß is ss, and a final sigma a sigma,
 * - each run of white space, control characters and punctuation (categories Z, Cc, P) becomes one space, and none at
 *   either end.
 *
 * Letters, marks, numbers and symbols (S: + $ < 😀) stay, and accents with them. A text of punctuation alone keeps it,
 * so that “!!!” is not “???”. Folding a folded text changes nothing.
 *
 * Which characters are which is Unicode's as Node has it: between versions of Node it may differ in characters that
 * Unicode added in the meantime, and in no other.
 */
export function foldText(text: string): string {
  if (ascii.test(text)) {
    const folded = text.toLowerCase().replace(asciiSeparators, ' ').trim();
    return folded === '' ? alike(text).replace(blank, ' ').replace(spaces, ' ').trim() : folded;
  }
  const same = alike(text);
  const folded = same.replace(separator, ' ').replace(spaces, ' ').trim();
  return folded === '' ? same.replace(blank, ' ').replace(spaces, ' ').trim() : folded;
}

/** A text in one case and one form of its characters. */
function alike(text: string): string {
  const composed = normalForm(text.replace(ignorable, ''), 'NFKC');
  return normalForm(composed.toLowerCase().replaceAll('ß', 'ss').replaceAll('ς', 'σ'), 'NFKC');
}
