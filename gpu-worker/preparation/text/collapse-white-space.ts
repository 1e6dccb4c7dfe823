/** What `collapseWhiteSpace` keeps. */
export interface WhiteSpaceOptions {
  /** Whether line breaks stay. If not, they are white space as any other. */
  readonly keepLineBreaks: boolean;
  /** Whether white space at the beginning and the end of the text is removed. */
  readonly trim: boolean;
}

/** White_Space of Unicode, without the characters that break a line. The set has not changed since 2013. */
const spaces = String.raw`\t \xa0\u1680\u2000-\u200a\u202f\u205f\u3000`;
const breaks = String.raw`\n\v\f\r\x85\u2028\u2029`;

const anySpaces = new RegExp(`[${spaces}${breaks}]+`, 'g');
const spacesInLine = new RegExp(`[${spaces}]+`, 'g');
/** Breaks with the white space around and between them. */
const breaksAndSpaces = new RegExp(`[${spaces}]*(?:\r\n|[${breaks}])[${spaces}${breaks}]*`, 'g');
const oneBreak = new RegExp(`\r\n|[${breaks}]`, 'g');
/** Whether anything is to do within a text: white space other than a single space between two other characters. */
const toDo = /[^\S ]|\x85| {2}/;
const atEnds = new RegExp(`^[${spaces}${breaks}]+|[${spaces}${breaks}]+$`, 'g');

/**
 * A text in which each run of white space is one space. With `keepLineBreaks`, each line break is LF, at most one empty
 * line stands between two lines, and no line begins or ends with white space but the text itself. Idempotent.
 */
export function collapseWhiteSpace(text: string, { keepLineBreaks, trim }: WhiteSpaceOptions): string {
  const collapsed = !toDo.test(text)
    ? text
    : keepLineBreaks
      ? text
          .replace(spacesInLine, ' ')
          .replace(breaksAndSpaces, (run) => ((run.match(oneBreak) ?? []).length > 1 ? '\n\n' : '\n'))
      : text.replace(anySpaces, ' ');
  return trim && hasEnds(collapsed) ? collapsed.replace(atEnds, '') : collapsed;
}

function hasEnds(text: string): boolean {
  const first = text.charCodeAt(0);
  const last = text.charCodeAt(text.length - 1);
  return first === 0x20 || first === 0x0a || last === 0x20 || last === 0x0a;
}
