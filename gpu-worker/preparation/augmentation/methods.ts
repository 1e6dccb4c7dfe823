import { ProblemsError, problem } from '../../../src/problems/problem.js';
import { type AugmentationMethod, keepsWords } from '../../../src/protocol/preparation/steps/augmentation.js';
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
  maskedModel(digest: string, path: readonly string[]): Promise<MaskedModel>;
}

/**
 * @param usualShare of the words, for methods that name none
 * @param path of the methods in the step
 * @throws ProblemError, ProblemsError for a model that can not be opened, or predicts no masked tokens
 */
export async function readyMethods(
  methods: readonly AugmentationMethod[],
  usualShare: number,
  sources: MethodSources,
  path: readonly string[] = ['methods'],
): Promise<ReadyMethod[]> {
  let wordNet: WordNet | null = null;
  const opened = () => {
    wordNet ??= openWordNet();
    return wordNet;
  };
  const ready: ReadyMethod[] = [];
  for (const [index, method] of methods.entries()) {
    const maskedModel = (digest: string) => sources.maskedModel(digest, [...path, String(index), 'modelDigest']);
    ready.push(await readyMethod(method, method.share ?? usualShare, opened, maskedModel));
  }
  return ready;
}

async function readyMethod(
  method: AugmentationMethod,
  share: number,
  wordNet: () => WordNet,
  maskedModel: (digest: string) => Promise<MaskedModel>,
): Promise<ReadyMethod> {
  switch (method.kind) {
    case 'synonyms':
      return ofWords(replaceBySynonyms, { thesaurus: createThesaurus(wordNet(), method), share });
    case 'randomInsertion': {
      const thesaurus = createThesaurus(wordNet(), { ...method, phrases: false });
      return ofText(insertSynonyms, { thesaurus, share });
    }
    case 'randomSwap':
      return ofText(swapWords, { share });
    case 'randomDeletion':
      return ofText(deleteWords, { share });
    case 'characterNoise':
      return ofWords(mistype, { ...method, share });
    case 'casing':
      return ofWords(changeCase, { ...method, share });
    case 'punctuation':
      return ofText(changePunctuation, { ...method, share });
    case 'maskedModel': {
      const { temperature, topK, modelDigest } = method;
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

/**
 * Sees to it that methods keep the words of a list in their places, where tags say something of each.
 * @throws ProblemsError INVALID_VALUE
 */
export function requireKeepsWords(methods: readonly AugmentationMethod[], path: readonly string[] = ['methods']): void {
  const problems = methods.flatMap((method, index) => {
    if (keepsWords(method)) return [];
    const what = method.kind === 'synonyms' ? 'synonyms with phrases' : method.kind;
    const message = `The column holds lists of words, and ${what} would not leave each word in its place.`;
    const hint = 'Take synonyms without phrases, characterNoise or casing, which keep what tags say of each word.';
    return [problem([...path, String(index)], 'INVALID_VALUE', message, hint)];
  });
  if (problems.length > 0) throw new ProblemsError(problems);
}
