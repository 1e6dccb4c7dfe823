import type { FeedbackSpan } from '../../protocol/feedback.js';

/** A text as words, each with its tag in IOB2. */
export interface TaggedWords {
  readonly tokens: readonly string[];
  readonly tags: readonly string[];
}

/** Runs of letters, marks, digits and underscores; every other character but white space stands alone. */
const word = /[\p{L}\p{M}\p{N}_]+|[^\p{White_Space}]/gu;

/**
 * Cuts a text into words by a rule that does not depend on the spans, and tags them: `B-` the first word of a span,
 * `I-` the others, `O` outside. A span that ends within a word has all of it. Spans must not overlap; of two that share
 * a word, the first has it.
 */
export function tagsOfSpans(text: string, spans: readonly FeedbackSpan[]): TaggedWords {
  const words = [...text.matchAll(word)].map(({ 0: token, index }) => ({
    token,
    start: index,
    end: index + token.length,
  }));
  const tags = words.map(() => 'O');
  for (const span of [...spans].sort((a, b) => a.start - b.start)) {
    let isFirst = true;
    for (const [i, { start, end }] of words.entries()) {
      if (end <= span.start || start >= span.end || tags[i] !== 'O') continue;
      tags[i] = `${isFirst ? 'B' : 'I'}-${span.label}`;
      isFirst = false;
    }
  }
  return { tokens: words.map(({ token }) => token), tags };
}

/**
 * Those of some spans that do not overlap: of two that do, the one with more votes stays, then the longer, then the
 * first.
 */
export function withoutOverlaps<Span extends FeedbackSpan & { readonly votes: number }>(
  spans: readonly Span[],
): Span[] {
  const kept: Span[] = [];
  const ordered = [...spans].sort(
    (a, b) =>
      b.votes - a.votes ||
      b.end - b.start - (a.end - a.start) ||
      a.start - b.start ||
      (a.label < b.label ? -1 : a.label > b.label ? 1 : 0),
  );
  for (const span of ordered) {
    if (kept.every(({ start, end }) => span.end <= start || span.start >= end)) kept.push(span);
  }
  return kept.sort((a, b) => a.start - b.start);
}
