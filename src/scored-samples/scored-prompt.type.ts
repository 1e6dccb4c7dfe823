import { Field, Float, Int, ObjectType } from 'type-graphql';
import { FinishReasonEnum } from '../generations/generated-answer.type.js';
import { GenerationPromptType, toGenerationPromptType } from '../generations/generation.type.js';
import { connectionOf } from '../graphql/connection.js';
import { BigIntScalar, Seed } from '../graphql/scalars.js';
import type { FinishReason } from '../protocol/generation.js';
import { promptSeed } from '../statistics/prompt-seed.js';
import type { ScoredPromptRow } from './scored-samples.reads.js';

@ObjectType('ScoredSample', { description: 'An answer of a batch of samples.', simpleResolvers: true })
export class ScoredSampleType {
  @Field(() => Int, { description: 'Its place in the order of the draw, from 0.' })
  sample!: number;

  @Field(() => String, { description: 'What the model wrote.' })
  text!: string;

  @Field(() => Int, { description: 'Its tokens.' })
  tokenCount!: number;

  @Field(() => FinishReasonEnum, { description: 'Why it ended.' })
  finishReason!: FinishReason;

  @Field(() => Float, {
    nullable: true,
    description: 'The weighted sum of the rewards that could score it; null: none could.',
  })
  reward!: number | null;

  @Field(() => [Float], {
    nullable: 'items',
    description: 'By each of the rewards, before its weight, in the order of the list; null: it could not score it.',
  })
  bySource!: readonly (number | null)[];

  @Field(() => Float, { nullable: true, description: 'The sum of the rewards of `gold`; null: there is none.' })
  gold!: number | null;
}

@ObjectType('ScoredPrompt', { description: 'A prompt of a batch of samples.', simpleResolvers: true })
export class ScoredPromptType {
  @Field(() => Int, { description: 'Counts the prompts from 0, in the order in which their rows were drawn.' })
  position!: number;

  @Field(() => BigIntScalar, { description: 'Number of its row in the dataset version.' })
  row!: number;

  @Field(() => Seed, { description: 'The seed that its samples were drawn with: `generate` writes them with it, too.' })
  seed!: number;

  @Field(() => GenerationPromptType, { description: 'The prompt.' })
  prompt!: GenerationPromptType;

  @Field(() => [ScoredSampleType], { description: 'Its samples, the best first; those without a reward come last.' })
  samples!: readonly ScoredSampleType[];
}

export const scoredPrompts = connectionOf('ScoredPrompt', 'prompts', ScoredPromptType);

/** @param seed of the batch's settings */
export function toScoredPromptType({ prompt, samples, ...place }: ScoredPromptRow, seed: number): ScoredPromptType {
  const shown = samples.map(({ reason, ...rest }, sample) =>
    Object.assign(new ScoredSampleType(), rest, { sample, finishReason: reason }),
  );
  const worth = ({ reward }: ScoredSampleType): number => reward ?? Number.NEGATIVE_INFINITY;
  return Object.assign(new ScoredPromptType(), place, {
    seed: promptSeed(seed, { row: Number(place.row), variant: 0 }),
    prompt: toGenerationPromptType(prompt),
    // Of equal ones, the earlier draw comes first.
    samples: shown.sort((a, b) => (worth(a) === worth(b) ? a.sample - b.sample : worth(b) > worth(a) ? 1 : -1)),
  });
}
