import type { Vocabulary } from '../../../src/tokenizer/index.js';
import type { Term, Terms } from './terms.js';

/**
 * The bytes of all tokens as one tree, its nodes in the order of a walk from the root downwards: one walk finds all
 * tokens that may come next, and leaves out whole branches.
 */
export interface TokenTrie {
  /** Of each node: its byte, its depth from 1, and where the next node outside of its branch is. */
  readonly bytes: Uint8Array;
  readonly depths: Uint16Array;
  readonly ends: Int32Array;
  /** Of each node, the ids of tokens that end there; most have one or none. */
  readonly ids: readonly (readonly number[] | undefined)[];
  /** Words of a mask over the vocabulary. */
  readonly words: number;
}

const tries = new WeakMap<Vocabulary, TokenTrie>();

/** The tree of a vocabulary, made once. Tokens that add nothing to a text are not in it. */
export function trieOf(vocabulary: Vocabulary): TokenTrie {
  const known = tries.get(vocabulary);
  if (known !== undefined) return known;
  const made = makeTrie(vocabulary);
  tries.set(vocabulary, made);
  return made;
}

function makeTrie(vocabulary: Vocabulary): TokenTrie {
  const tokens: { readonly id: number; readonly key: string }[] = [];
  for (let id = 0; id < vocabulary.size; id++) {
    const bytes = vocabulary.bytesOf(id);
    if (bytes !== null && bytes.length > 0) tokens.push({ id, key: Buffer.from(bytes).toString('latin1') });
  }
  tokens.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : a.id - b.id));
  const bytes: number[] = [];
  const depths: number[] = [];
  const ids: (number[] | undefined)[] = [];
  let before = '';
  /** The node at each depth of the token before. */
  const path: number[] = [];
  for (const { id, key } of tokens) {
    let shared = 0;
    while (shared < before.length && shared < key.length && before[shared] === key[shared]) shared++;
    for (let depth = shared; depth < key.length; depth++) {
      path[depth] = bytes.length;
      bytes.push(key.charCodeAt(depth));
      depths.push(depth + 1);
      ids.push(undefined);
    }
    const node = path[key.length - 1]!;
    ids[node] = [...(ids[node] ?? []), id];
    before = key;
  }
  return {
    bytes: Uint8Array.from(bytes),
    depths: Uint16Array.from(depths),
    ends: endsOf(depths),
    ids,
    words: Math.ceil(vocabulary.size / 32),
  };
}

/** Where each node's branch ends: at the next node that is not deeper. */
function endsOf(depths: readonly number[]): Int32Array {
  const ends = new Int32Array(depths.length);
  const nextAtMost: number[] = [];
  for (let node = depths.length - 1; node >= 0; node--) {
    const depth = depths[node]!;
    let end = depths.length;
    for (let each = 1; each <= depth; each++) end = Math.min(end, nextAtMost[each] ?? depths.length);
    ends[node] = end;
    nextAtMost[depth] = node;
    nextAtMost.length = depth + 1;
  }
  return ends;
}

/** The tokens with which a text may go on that has come to a term, as bits. */
export function tokensAfter(terms: Terms, start: Term, { bytes, depths, ends, ids, words }: TokenTrie): Uint32Array {
  const mask = new Uint32Array(words);
  const at: Term[] = [start];
  for (let node = 0; node < bytes.length; ) {
    const depth = depths[node]!;
    const term = terms.after(at[depth - 1]!, bytes[node]!);
    if (term === terms.never) {
      node = ends[node]!;
      continue;
    }
    at[depth] = term;
    for (const id of ids[node] ?? []) mask[id >>> 5]! |= 1 << (id & 31);
    node += 1;
  }
  return mask;
}
