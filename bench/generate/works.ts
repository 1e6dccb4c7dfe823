import { type Work as Trained, works as trained } from '../language/works.js';
import type { SideSettings } from './settings.js';

/** What both sides write: answers of a length to prompts of a length, always the likeliest token. */
export interface Work {
  readonly name: string;
  readonly title: string;
  /** The ratio of speeds that it should have. */
  readonly goal: number;
  readonly model: Pick<Trained, 'architecture' | 'sizes' | 'vocabularySize'>;
  readonly heldAs: SideSettings['heldAs'];
  readonly prompts: { readonly count: number; readonly tokens: number };
  readonly newTokens: number;
}

const gpt2 = trained.find(({ name }) => name === 'gpt2-full')!;

export const works: readonly Work[] = [
  {
    name: 'one',
    title: 'GPT-2 of 124 M, 1 prompt of 128, 128 new tokens',
    goal: 1.3,
    model: gpt2,
    heldAs: 'float32',
    prompts: { count: 1, tokens: 128 },
    newTokens: 128,
  },
  {
    name: 'one-int8',
    title: 'the same, weights in 8 bits against float32',
    goal: 2,
    model: gpt2,
    heldAs: 'int8',
    prompts: { count: 1, tokens: 128 },
    newTokens: 128,
  },
  {
    name: 'many',
    title: '16 prompts of 64 together, 64 new tokens each',
    goal: 1.3,
    model: gpt2,
    heldAs: 'float32',
    prompts: { count: 16, tokens: 64 },
    newTokens: 64,
  },
  {
    name: 'prefill',
    title: '1 prompt of 1,024, 1 new token',
    goal: 1,
    model: gpt2,
    heldAs: 'float32',
    prompts: { count: 1, tokens: 1024 },
    newTokens: 1,
  },
];

/** The same at sizes that take a second. */
export const toyWorks: readonly Work[] = works.map((work) => ({
  ...work,
  model: {
    ...work.model,
    sizes: {
      ...work.model.sizes,
      hiddenSize: 24,
      layers: 2,
      attentionHeads: 3,
      keyValueHeads: 3,
      intermediateSize: 48,
    },
    vocabularySize: 200,
  },
  prompts: { count: Math.min(3, work.prompts.count), tokens: 16 },
  newTokens: Math.min(4, work.newTokens),
}));
