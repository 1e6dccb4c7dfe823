import { unassigned } from './unassigned-characters.js';

/** Control characters of C0 and C1 that break a line: they become LF, or words beside them would run together. */
const lineBreaks = String.raw`\v\f\r\x85`;

/** Invisible characters that format: none of them has a meaning in a text that is to be learned. */
const formatting = [
  String.raw`\xad`, // soft hyphen
  String.raw`\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069`, // direction of writing
  String.raw`\u180e\u200b\u2060\ufeff`, // spaces without width; the last is the byte order mark too
  String.raw`\u2061-\u2064\u206a-\u206f`, // operators nobody sees; deprecated controls of Arabic
  String.raw`\ufff9-\ufffb`, // annotations between lines
  String.raw`\u{e0001}`, // language tag
].join('');

/** Characters that matter where a script or an emoji needs them, and are litter elsewhere. */
const joiners = String.raw`\u200c\u200d`;
const variations = String.raw`\ufe00-\ufe0f\u{e0100}-\u{e01ef}`;
const tags = String.raw`\u{e0020}-\u{e007f}`;

const controls = String.raw`\0-\x08\x0b-\x1f\x7f-\x9f`;
/** Surrogates that stand alone, and the least that a text has when something is to be removed. */
const suspects = new RegExp(
  `[${controls}${formatting}${joiners}${variations}${tags}\\ud800-\\udfff${unassigned}]`,
  'u',
);
const everySuspect = new RegExp(suspects.source, 'gu');
const breaks = new RegExp(`[${lineBreaks}]`);
const joiner = new RegExp(`[${joiners}]`);
const variation = new RegExp(`[${variations}]`, 'u');
const tag = new RegExp(`[${tags}]`, 'u');
const loneSurrogate = /[\ud800-\udfff]/;

/**
 * Scripts in which joiners change the letters beside them: Arabic, Syriac, N’Ko, Mandaic, those of India, Sri Lanka,
 * Tibet, Burma and Cambodia, Mongolian and their relatives. Blocks of Unicode, which never change.
 */
const joiningLetter =
  /[\u0600-\u085f\u0860-\u0dff\u0f00-\u109f\u1700-\u18af\u1a20-\u1aaf\u1b00-\u1c4f\u1cd0-\u1cff\ua840-\ua87f\ua880-\ua8ff\ua980-\ua9df\uaa00-\uaaff\uabc0-\uabff\ufb50-\ufdff\ufe70-\ufefc\u{10a00}-\u{10a5f}\u{10ac0}-\u{10aff}\u{10d00}-\u{10d3f}\u{11000}-\u{11fff}\u{1e900}-\u{1e95f}]$/u;
/** An emoji, with its colour of skin or its variation selector. */
const emojiBefore = /\p{Extended_Pictographic}[\ufe0f\u{1f3fb}-\u{1f3ff}]?$/u;
const emojiAfter = /^\p{Extended_Pictographic}/u;
/** What an emoji's variation selector may follow: 1️⃣ and ©️ are such too. */
const emojiBase = /[\p{Extended_Pictographic}#*0-9]$/u;
const visible = /[\p{L}\p{M}\p{N}\p{P}\p{S}]$/u;
/** A flag of a region: a black flag and tags, up to the tag that ends them. */
const flag = /\u{1f3f4}[\u{e0030}-\u{e0039}\u{e0061}-\u{e007a}]{0,8}$/u;
const flagEnds = /^[\u{e0030}-\u{e0039}\u{e0061}-\u{e007a}]{0,8}\u{e007f}/u;

/**
 * A text without characters that nobody sees: controls of C0 and C1 but for tab and line feed, byte order marks,
 * characters without width, controls of direction, soft hyphens, and code points without a character. Line breaks of
 * other kinds (CR LF, CR, NEL, VT, FF) become LF; a surrogate that stands alone becomes U+FFFD. What is needed stays:
 * joiners after letters of Arabic, Indic and related scripts and within emoji, variation selectors after what they
 * vary, tags of flags. Idempotent.
 */
export function removeControlCharacters(text: string): string {
  if (!suspects.test(text)) return text;
  let kept = '';
  let position = 0;
  everySuspect.lastIndex = 0;
  for (let match = everySuspect.exec(text); match !== null; match = everySuspect.exec(text)) {
    kept += text.slice(position, match.index);
    position = everySuspect.lastIndex;
    kept += replacement(match[0], kept, text, position);
  }
  return kept + text.slice(position);
}

/** What stands for a suspect character: itself, nothing, LF, or U+FFFD. `next` is the place of the character after. */
function replacement(character: string, kept: string, text: string, next: number): string {
  if (breaks.test(character)) return character === '\r' && text.charAt(next) === '\n' ? '' : '\n';
  // A few units before and after are enough to judge by, and keep the cost of a long text linear.
  const before = kept.slice(-24);
  if (joiner.test(character)) {
    if (joiningLetter.test(before)) return character;
    const withinEmoji =
      character === '\u200d' && emojiBefore.test(before) && emojiAfter.test(text.slice(next, next + 2));
    return withinEmoji ? character : '';
  }
  if (variation.test(character)) {
    const base = character === '\ufe0e' || character === '\ufe0f' ? emojiBase : visible;
    return base.test(before) && !variation.test(before.slice(-2)) ? character : '';
  }
  if (tag.test(character))
    return flag.test(before) && flagEnds.test(text.slice(next - character.length, next + 24)) ? character : '';
  return loneSurrogate.test(character) && character.length === 1 ? '\ufffd' : '';
}
