import type { TagScheme } from '../../src/protocol/heads.js';

/** Words that belong together, counted from 0, both ends inclusive. */
export interface TagSpan {
  /** The type of an entity, or the tag that all its words have. */
  readonly label: string;
  readonly first: number;
  readonly last: number;
}

const outside = 'O';

/**
 * The spans in a sequence of tags, one tag for each word.
 *
 * IOB2 is read as seqeval's `get_entities` and the CoNLL script read it, which accept any sequence that a model may
 * write: `B-X` begins an entity; `I-X` goes on with an entity of type X, and begins one where none of that type is
 * open. `B` and `I` without a type have the type `_`; every other tag is outside. Plain tags: each run of one tag is a
 * span, except of the tag `O`, as transformers' pipelines group tags that name no scheme.
 */
export function spansOf(tags: readonly string[], scheme: TagScheme): TagSpan[] {
  const spans: TagSpan[] = [];
  let open: { readonly label: string; readonly first: number } | null = null;
  const closeBefore = (word: number) => {
    if (open !== null) spans.push({ ...open, last: word - 1 });
  };
  for (const [word, tag] of tags.entries()) {
    const read = readTag(tag, scheme);
    if (read !== null && !read.begins && open?.label === read.label) continue;
    closeBefore(word);
    open = read === null ? null : { label: read.label, first: word };
  }
  closeBefore(tags.length);
  return spans;
}

/**
 * The type of a tag, and whether the tag begins a new span even after a word of the same type; null for a tag outside.
 */
function readTag(tag: string, scheme: TagScheme): { readonly label: string; readonly begins: boolean } | null {
  switch (scheme) {
    case 'iob2': {
      const match = /^([BI])(?:-(.*))?$/su.exec(tag);
      return match === null ? null : { label: match[2] || '_', begins: match[1] === 'B' };
    }
    case 'plain':
      return tag === outside ? null : { label: tag, begins: false };
    default:
      return scheme satisfies never;
  }
}
