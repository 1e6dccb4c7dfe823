/** What a code unit is: not yet looked at, between words, kept if a letter follows, or else a letter's small form. */
const unknown = 0;
const separator = 1;
const apostrophe = 2;
/** A letter whose small form is of two units, or depends on its neighbours (Σ). */
const particular = 3;

const space = 0x20;
const apostrophes = /['`\u2019]/;
const sigma = 0x3a3;

/**
 * A function that writes the small letters of a text into an array, with one space for what stands between words: what
 * `text.replace(separators, ' ').trim().toLowerCase()` is, without making a text of it. It ends where the array is
 * full, and returns how many units it wrote.
 *
 * @param separators of ELD: a run of what is no letter, up to the apostrophes at its end. No letter is a pair of units.
 */
export function createCleaning(separators: RegExp): (text: string, into: Uint16Array) => number {
  const forms = new Uint16Array(0x10000);

  function formOf(code: number): number {
    const character = String.fromCharCode(code);
    if (apostrophes.test(character)) return apostrophe;
    if (character.replace(separators, ' ') === ' ') return separator;
    const small = character.toLowerCase();
    return small.length > 1 || code === sigma ? particular : small.charCodeAt(0);
  }

  function cleanParticular(text: string, into: Uint16Array): number {
    const cleaned = text.replace(separators, ' ').trim().toLowerCase();
    const length = Math.min(cleaned.length, into.length);
    for (let i = 0; i < length; i++) into[i] = cleaned.charCodeAt(i);
    return length;
  }

  return (text, into) => {
    const room = into.length;
    let length = 0;
    let isApart = false;
    /** Apostrophes that end what is no letter so far. */
    let kept = 0;
    for (let i = 0; i <= text.length && length < room; i++) {
      let form = separator;
      if (i < text.length) {
        const code = text.charCodeAt(i);
        form = forms[code]!;
        if (form === unknown) {
          form = formOf(code);
          forms[code] = form;
        }
        if (form === particular) return cleanParticular(text, into);
        if (form === separator) {
          isApart = true;
          kept = 0;
          continue;
        }
        if (form === apostrophe) {
          kept++;
          continue;
        }
      } else if (kept === 0) break;
      if (isApart && length > 0) into[length++] = space;
      isApart = false;
      for (; kept > 0 && length < room; kept--) into[length++] = text.charCodeAt(i - kept);
      if (i < text.length && length < room) into[length++] = form;
    }
    return length;
  };
}
