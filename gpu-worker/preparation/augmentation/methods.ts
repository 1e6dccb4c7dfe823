import type { AugmentationMethod } from '../../../src/protocol/preparation/steps/augmentation.js';
import type { Random } from '../../data/random.js';
import { changeCase } from './casing-noise.js';
import { mistype } from './character-noise.js';
import type { WantedCopy } from './copies.js';
import type { MaskedModel } from './masked-model.js';
import { changePunctuation } from './punctuation-noise.js';
import { deleteWords, insertSynonyms, swapWords } from './random-operations.js';
import { type PredictMasked, replaceInContext } from './replace-in-context.js';
import { replaceBySynonyms } from './synonyms.js';
import { inPlace, type TextChange, type WordChange } from './text-change.js';
import { createThesaurus } from './thesaurus.js';
import { openWordNet, type WordNet } from './wordnet.js';

/** A method with its options, ready to change texts. */
export type ReadyMethod =
  | {
      readonly kind: 'single';
      readonly text: (text: string, random: Random) => string | null;
      /** The same of a list of words; null: the words would no longer be those that were tagged. */
      readonly words: ((words: readonly string[], random: Random) => string[] | null) | null;
    }
  | { readonly kind: 'batched'; readonly share: number; readonly temperature: number; readonly predict: PredictMasked };

/** What methods are made ready with; each is opened when the first method needs it. */
export interface MethodSources {
  maskedModel(digest: string): Promise<MaskedModel>;
}

export async function readyMethods(
  methods: readonly AugmentationMethod[],
  sources: MethodSources,
): Promise<ReadyMethod[]> {
  let wordNet: WordNet | null = null;
  const opened = () => {
    wordNet ??= openWordNet();
    return wordNet;
  };
  const ready: ReadyMethod[] = [];
  for (const method of methods) ready.push(await readyMethod(method, opened, sources));
  return ready;
}

async function readyMethod(
  method: AugmentationMethod,
  wordNet: () => WordNet,
  { maskedModel }: MethodSources,
): Promise<ReadyMethod> {
  switch (method.kind) {
    case 'synonyms':
      // A list has one tag for each word, so that no word becomes several.
      return ofWords(replaceBySynonyms, { thesaurus: createThesaurus(wordNet(), method), share: method.share });
    case 'randomInsertion': {
      const thesaurus = createThesaurus(wordNet(), { ...method, phrases: false });
      return ofText(insertSynonyms, { thesaurus, share: method.share });
    }
    case 'randomSwap':
      return ofText(swapWords, method);
    case 'randomDeletion':
      return ofText(deleteWords, method);
    case 'characterNoise':
      return ofWords(mistype, method);
    case 'casing':
      return ofWords(changeCase, method);
    case 'punctuation':
      return ofText(changePunctuation, method);
    case 'maskedModel': {
      const { share, temperature, topK, modelDigest } = method;
      return { kind: 'batched', share, temperature, predict: (await maskedModel(modelDigest)).predictMasked(topK) };
    }
    default:
      return method satisfies never;
  }
}

function ofText<Options>(change: TextChange<Options>, options: Options): ReadyMethod {
  return { kind: 'single', text: (text, random) => change(text, random, options), words: null };
}

function ofWords<Options>(change: WordChange<Options>, options: Options): ReadyMethod {
  const text = inPlace(change);
  return {
    kind: 'single',
    text: (value, random) => text(value, random, options),
    words: (words, random) => change(words, random, options),
  };
}

/** How often a copy is drawn at most: each method gets its turn, and one alone four. */
export function drawsOf(methods: readonly ReadyMethod[]): number {
  return Math.max(4, methods.length);
}

/**
 * Changes texts, each by one method. The copies of a row take turns from a drawn method on, so that four copies by four
 * methods have one of each, and a copy that could not be made is tried with the next method.
 */
export function changeTexts(methods: readonly ReadyMethod[]) {
  return async (wanted: readonly WantedCopy<string>[]): Promise<(string | null)[]> => {
    const changed: (string | null)[] = wanted.map(() => null);
    const batches = new Map<ReadyMethod & { kind: 'batched' }, number[]>();
    for (const [index, { value, random, turn }] of wanted.entries()) {
      const method = methods[turn % methods.length]!;
      if (method.kind === 'single') changed[index] = method.text(value, random);
      else {
        const batch = batches.get(method) ?? [];
        batch.push(index);
        batches.set(method, batch);
      }
    }
    for (const [{ share, temperature, predict }, indices] of batches) {
      const texts = indices.map((index) => ({ text: wanted[index]!.value, random: wanted[index]!.random }));
      const replaced = await replaceInContext(texts, { share, temperature }, predict);
      for (const [order, index] of indices.entries()) changed[index] = replaced[order]!;
    }
    return changed;
  };
}

/**
 * Changes lists of words, each by one method, so that every word keeps its place. @param methods those that keep it:
 * see `keepsWords`
 */
export function changeLists(methods: readonly ReadyMethod[]) {
  return async (wanted: readonly WantedCopy<readonly string[]>[]): Promise<(readonly string[] | null)[]> =>
    wanted.map(({ value, random, turn }) => {
      const method = methods[turn % methods.length]!;
      if (method.kind !== 'single' || method.words === null) throw new RangeError('the method does not keep words');
      return method.words(value, random);
    });
}
