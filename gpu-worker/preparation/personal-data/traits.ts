/**
 * What characters a text has, gathered in one pass before any pattern runs. Most texts hold no personal data, and for
 * them the pass (about 1 ns a character) is the whole cost of a scan.
 */
export interface Traits {
  /** How many ASCII digits the text has. */
  readonly digits: number;
  readonly hasAt: boolean;
  readonly hasColon: boolean;
  readonly hasEquals: boolean;
  readonly hasDot: boolean;
  readonly hasSlash: boolean;
  readonly hasUpperCase: boolean;
  /** The length of the longest run of letters, digits, `_` and `-`: keys and tokens are long ones. */
  readonly longestToken: number;
}

const digit = 1;
const at = 2;
const colon = 4;
const equals = 8;
const dot = 16;
const slash = 32;
const upperCase = 64;
const token = 128;

const classes = new Uint8Array(128);
for (let code = 0x30; code <= 0x39; code++) classes[code] = digit | token;
for (let code = 0x41; code <= 0x5a; code++) classes[code] = upperCase | token;
for (let code = 0x61; code <= 0x7a; code++) classes[code] = token;
for (const character of '_-') classes[character.charCodeAt(0)] = token;
classes['@'.charCodeAt(0)] = at;
classes[':'.charCodeAt(0)] = colon;
classes['='.charCodeAt(0)] = equals;
classes['.'.charCodeAt(0)] = dot;
classes['/'.charCodeAt(0)] = slash;

export function traitsOf(text: string): Traits {
  let seen = 0;
  let digits = 0;
  let longestToken = 0;
  let tokenStart = 0;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    const found = code < 128 ? classes[code]! : 0;
    seen |= found;
    digits += found & digit;
    if ((found & token) === 0) {
      if (index - tokenStart > longestToken) longestToken = index - tokenStart;
      tokenStart = index + 1;
    }
  }
  if (text.length - tokenStart > longestToken) longestToken = text.length - tokenStart;
  return {
    digits,
    hasAt: (seen & at) !== 0,
    hasColon: (seen & colon) !== 0,
    hasEquals: (seen & equals) !== 0,
    hasDot: (seen & dot) !== 0,
    hasSlash: (seen & slash) !== 0,
    hasUpperCase: (seen & upperCase) !== 0,
    longestToken,
  };
}
