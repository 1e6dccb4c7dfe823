import { Field, Float, Int, ObjectType, registerEnumType } from 'type-graphql';
import type { FinishReason, GeneratedToken } from '../protocol/generation.js';
import type { ShownAnswer } from './answers.js';

export const FinishReasonEnum = {
  END_OF_TEXT: 'endOfText',
  STOP: 'stop',
  LENGTH: 'length',
  CONSTRAINT: 'constraint',
} as const satisfies Record<string, FinishReason>;

registerEnumType(FinishReasonEnum, {
  name: 'FinishReason',
  description: 'Why an answer ended. New values may be added.',
  valuesConfig: {
    END_OF_TEXT: { description: 'The model ended it.' },
    STOP: { description: 'The next text was one of `stop`.' },
    LENGTH: { description: "It reached `maxTokens`, or the end of the model's context." },
    CONSTRAINT: { description: 'It is complete as `output` wants it: nothing may follow.' },
  },
});

@ObjectType('TokenLogProbability', { description: 'How likely a token was.', simpleResolvers: true })
class TokenLogProbabilityType {
  @Field(() => Int, { description: "Its id in the model's vocabulary." })
  tokenId!: number;

  @Field(() => String, { description: 'What it stands for by itself.' })
  text!: string;

  @Field(() => Float, { description: "Natural logarithm of the model's own probability, before sampling changes it." })
  logProbability!: number;
}

@ObjectType('GeneratedToken', { description: 'A token of an answer.', simpleResolvers: true })
export class GeneratedTokenType {
  @Field(() => Int, { description: "Its id in the model's vocabulary." })
  tokenId!: number;

  @Field(() => String, { description: 'What it stands for by itself; a part of a character is U+FFFD.' })
  text!: string;

  @Field(() => Float, {
    nullable: true,
    description:
      "Natural logarithm of the model's own probability, before sampling changes it; null where they were not asked for.",
  })
  logProbability!: number | null;

  @Field(() => [TokenLogProbabilityType], {
    description: 'The likeliest tokens at this place, likeliest first; empty where they were not asked for.',
  })
  top!: readonly TokenLogProbabilityType[];
}

@ObjectType('GeneratedAnswer', {
  description: 'One answer to a prompt, as far as it is written.',
  simpleResolvers: true,
})
export class GeneratedAnswerType {
  @Field(() => Int, { description: 'Place of its prompt, from 0.' })
  prompt!: number;

  @Field(() => Int, { description: 'Place among the answers to the prompt, from 0.' })
  sample!: number;

  @Field(() => String, { description: 'The text, without a stop string that ended it.' })
  text!: string;

  @Field(() => FinishReasonEnum, { nullable: true, description: 'Why it ended; null: it is not complete.' })
  finishReason!: FinishReason | null;

  @Field(() => String, { nullable: true, description: 'The text of `stop` that ended it, if one did.' })
  stop!: string | null;

  @Field(() => Int, { description: 'How many tokens it has.' })
  tokenCount!: number;

  @Field(() => [GeneratedTokenType], {
    description: 'Its tokens. A stop string that ended it may begin within the last ones.',
    complexity: ({ childComplexity }) => 10 + 10 * childComplexity,
  })
  tokens!: readonly GeneratedTokenType[];

  @Field(() => Float, {
    nullable: true,
    description:
      'The weighted sum of the rewards of `rerank` that could score it; null: none could, or none was asked for, or the answers are not scored yet.',
  })
  reward!: number | null;

  @Field(() => [Float], {
    nullable: 'itemsAndList',
    description:
      'By each of the rewards of `rerank`, before its weight, in the order of the list; an item is null where it could not score the answer. Null: the answers are not scored.',
  })
  bySource!: readonly (number | null)[] | null;
}

export function toGeneratedAnswerType({ reason, tokens, ranked, ...answer }: ShownAnswer): GeneratedAnswerType {
  return Object.assign(new GeneratedAnswerType(), answer, {
    reward: ranked?.reward ?? null,
    bySource: ranked?.bySource ?? null,
    finishReason: reason,
    tokenCount: tokens.length,
    tokens: tokens.map(toGeneratedTokenType),
  });
}

export function toGeneratedTokenType({ id, top, ...token }: GeneratedToken): GeneratedTokenType {
  return { ...token, tokenId: id, top: top.map(({ id: tokenId, ...likely }) => ({ ...likely, tokenId })) };
}
