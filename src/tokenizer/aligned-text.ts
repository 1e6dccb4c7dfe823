/**
 * A text on its way through normalizers, which knows for each UTF-16 unit which stretch of the given text it comes
 * from. Alignments follow Hugging Face's `tokenizers` (normalizer.rs), so that offsets are equal.
 */
export interface AlignedText {
  readonly text: string;
  /** While `spans` is null, unit i comes from unit `origin + i`. */
  readonly origin: number;
  /** Unit i comes from [starts[i], ends[i]) of the given text. Null as long as nothing was inserted or removed. */
  readonly spans: { readonly starts: Int32Array; readonly ends: Int32Array } | null;
}

export type Span = readonly [start: number, end: number];

export function alignedText(text: string, origin = 0): AlignedText {
  return { text, origin, spans: null };
}

/** The stretch that units [start, end) come from; for no units, [0, 0). */
export function spanOf({ origin, spans }: AlignedText, start: number, end: number): Span {
  if (end <= start) return [0, 0];
  if (spans === null) return [origin + start, origin + end];
  return [spans.starts[start] ?? 0, spans.ends[end - 1] ?? 0];
}

export function sliceAligned(aligned: AlignedText, start: number, end: number): AlignedText {
  const { text, origin, spans } = aligned;
  if (start === 0 && end === text.length) return aligned;
  return {
    text: text.slice(start, end),
    origin: origin + start,
    spans: spans && { starts: spans.starts.subarray(start, end), ends: spans.ends.subarray(start, end) },
  };
}

/** The same text with other characters of equal length, unit by unit. */
export function withText(aligned: AlignedText, text: string): AlignedText {
  return { ...aligned, text };
}

/** Writes the next text piece by piece. */
export interface AlignedWriter {
  write(text: string, span: Span): void;
  done(): AlignedText;
}

export function alignedWriter(): AlignedWriter {
  let written = '';
  const starts: number[] = [];
  const ends: number[] = [];
  return {
    write(text, [start, end]) {
      written += text;
      for (let unit = 0; unit < text.length; unit++) {
        starts.push(start);
        ends.push(end);
      }
    },
    done: () => ({ text: written, origin: 0, spans: { starts: Int32Array.from(starts), ends: Int32Array.from(ends) } }),
  };
}

/** Replaces each character by `replace(character)`, which all comes from the place of the character. */
export function mapCharacters(aligned: AlignedText, replace: (character: string) => string): AlignedText {
  const writer = alignedWriter();
  let at = 0;
  for (const character of aligned.text) {
    writer.write(replace(character), spanOf(aligned, at, at + character.length));
    at += character.length;
  }
  return writer.done();
}

/**
 * Replaces each match by `content`, which counts as coming from the match's last character (as in
 * `NormalizedString::replace`).
 */
export function replaceMatches(aligned: AlignedText, pattern: RegExp, content: string): AlignedText {
  const writer = alignedWriter();
  let at = 0;
  const copyTo = (end: number) => {
    for (const character of aligned.text.slice(at, end)) {
      writer.write(character, spanOf(aligned, at, at + character.length));
      at += character.length;
    }
  };
  for (const match of aligned.text.matchAll(pattern)) {
    const [matched] = match;
    copyTo(match.index);
    if (matched === '') continue;
    const last = lastCharacter(matched);
    writer.write(content, spanOf(aligned, at + matched.length - last.length, at + matched.length));
    at += matched.length;
  }
  if (at === 0) return aligned;
  copyTo(aligned.text.length);
  return writer.done();
}

/** Puts `prefix` in front, which counts as coming from the first character. An empty text stays empty. */
export function prependTo(aligned: AlignedText, prefix: string): AlignedText {
  const code = aligned.text.codePointAt(0);
  if (code === undefined) return aligned;
  const writer = alignedWriter();
  writer.write(prefix, spanOf(aligned, 0, code > 0xffff ? 2 : 1));
  let at = 0;
  for (const character of aligned.text) {
    writer.write(character, spanOf(aligned, at, at + character.length));
    at += character.length;
  }
  return writer.done();
}

function lastCharacter(text: string): string {
  return Array.from(text.slice(-2)).at(-1) ?? '';
}
