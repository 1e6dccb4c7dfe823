import { longMatches, longPattern } from '../protocol/long-matches.js';
import { type AlignedText, alignedWriter, spanOf } from './aligned-text.js';

export type UnicodeForm = 'NFC' | 'NFD' | 'NFKC' | 'NFKD';

/**
 * A character with the marks that follow it, or Hangul jamo that may form syllables: no normalization form moves
 * anything across the borders of these segments.
 */
const segments = longPattern([
  { before: '[\\uac00-\\ud7a3]?', run: '[\\u1100-\\u11ff\\ua960-\\ua97f\\ud7b0-\\ud7ff]' },
  { before: '[\\s\\S]', run: '\\p{M}', mayBeEmpty: true },
]);

const ascii = /^[\0-\x7f]*$/;

/**
 * A Unicode normalization form. Alignment follows Rust's `unicode-normalization-alignments`: the parts of a decomposed
 * character all come from it; a composed character comes from only the first of its parts.
 */
export function toForm(aligned: AlignedText, form: UnicodeForm): AlignedText {
  const { text } = aligned;
  if (ascii.test(text) || text.normalize(form) === text) return aligned;
  const writer = alignedWriter();
  for (const { start: index, end } of longMatches(text, segments)) {
    const segment = text.slice(index, end);
    const changed = segment.normalize(form);
    if (changed === segment) {
      let at = index;
      for (const character of segment) {
        writer.write(character, spanOf(aligned, at, at + character.length));
        at += character.length;
      }
    } else {
      writeSegment(writer, aligned, { segment, index, changed, form });
    }
  }
  return writer.done();
}

interface Segment {
  readonly segment: string;
  readonly index: number;
  /** The segment in the requested form. */
  readonly changed: string;
  readonly form: UnicodeForm;
}

/**
 * Rust's rule: every character of the result has a number, how many source characters it adds or lacks against one. The
 * source is then read along: one character for 0, and none for a positive number (that character comes from the same
 * place as the one before).
 */
function writeSegment(
  writer: ReturnType<typeof alignedWriter>,
  aligned: AlignedText,
  { segment, index, changed, form }: Segment,
): void {
  const decomposition = form === 'NFC' || form === 'NFD' ? 'NFD' : 'NFKD';
  const parts = Array.from(segment).flatMap((character) =>
    Array.from(character.normalize(decomposition), (part, position) => ({
      part,
      added: position === 0 ? 0 : 1,
      used: false,
    })),
  );
  const sources = sourceSpans(aligned, segment, index);
  let read = 0;
  let unused = 0;
  for (const character of changed) {
    let change = 1;
    for (const wanted of character.normalize('NFD')) {
      // Marks may have been reordered, so the next part need not be the one that is sought.
      while (parts[unused]?.used) unused++;
      let at = unused;
      while (at < parts.length && (parts[at]?.used || parts[at]?.part !== wanted)) at++;
      const part = parts[at];
      if (part !== undefined) part.used = true;
      change += (part?.added ?? 1) - 1;
    }
    const from = change > 0 ? read - 1 : read;
    writer.write(character, sources[Math.min(Math.max(from, 0), sources.length - 1)] ?? [index, index]);
    if (change <= 0) read += 1 - change;
  }
}

function sourceSpans(aligned: AlignedText, segment: string, index: number) {
  let at = index;
  return Array.from(segment, (character) => {
    at += character.length;
    return spanOf(aligned, at - character.length, at);
  });
}
