import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { sha256Hex } from '../protocol/sha256-hex.js';
import { readGlosses } from './wordnet-glosses.js';

/** A text that `gloss-lm` learns or is measured on. */
export interface LanguageText {
  readonly text: string;
  readonly source: 'wordnet' | 'nlp-corpus';
  readonly split: 'train' | 'validation' | 'test';
}

/** Of each hundred texts, how many are measured during training, and how many nobody trains on. */
const [validationShare, testShare] = [1, 2];

/** Where a text belongs: decided by the text alone, so that equal texts are in one split, whoever asks. */
export function splitOfText(text: string): LanguageText['split'] {
  const ticket = Number.parseInt(sha256Hex(text).slice(0, 8), 16) % 100;
  if (ticket < testShare) return 'test';
  return ticket < testShare + validationShare ? 'validation' : 'train';
}

/** WordNet's 117,791 glosses, and the 100,000 English sentences of `nlp-corpus`; equal texts occur once. */
export async function readLanguageTexts(): Promise<LanguageText[]> {
  const texts = new Map<string, LanguageText>();
  const add = (text: string, source: LanguageText['source']) => {
    if (text !== '' && !texts.has(text)) texts.set(text, { text, source, split: splitOfText(text) });
  };
  for (const { text } of await readGlosses()) add(text, 'wordnet');
  const builds = join(dirname(createRequire(import.meta.url).resolve('nlp-corpus')), '../../builds');
  for (const file of (await readdir(builds)).sort()) {
    const sentences = JSON.parse(await readFile(join(builds, file), 'utf8')) as string[];
    for (const sentence of sentences) add(sentence.trim(), 'nlp-corpus');
  }
  return [...texts.values()];
}
