import { Field, Float, ObjectType, registerEnumType } from 'type-graphql';
import { BigIntScalar } from '../graphql/scalars.js';
import type { Incomparable, TokenMeasure, TokenScores } from '../protocol/evaluation-scores.js';
import { HeadScoresType } from './head-scores.type.js';
import { ScoreMeasureEnum } from './score-measure.js';

const IncomparableEnum = {
  OTHER_TOKENS: 'otherTokens',
  OTHER_TEXTS: 'otherTexts',
  NO_BYTES: 'noBytes',
} as const satisfies Record<string, Incomparable>;

registerEnumType(IncomparableEnum, {
  name: 'IncomparableReason',
  description: 'Why two models can not be compared by a measure. New reasons may be added.',
  valuesConfig: {
    OTHER_TOKENS: {
      description:
        'Their tokenizers divide the rows otherwise: a mean over tokens says nothing then. `bitsPerByte` may compare.',
    },
    OTHER_TEXTS: {
      description: 'They predict other parts of the rows, as conversations are cut in other places: raise `maxLength`.',
    },
    NO_BYTES: { description: 'Masked tokens are only some of a text, and have no bits a byte.' },
  },
});

@ObjectType('TokenDifference', {
  description:
    "The model's value of a measure minus the baseline's, on the same rows. With a lower loss, perplexity or bits a byte, or a higher accuracy, the model is better.",
  simpleResolvers: true,
})
export class TokenDifferenceType {
  @Field(() => ScoreMeasureEnum, { description: 'Which measure.' })
  measure!: TokenMeasure;

  @Field(() => Float, { nullable: true, description: 'The difference; null where the models can not be compared.' })
  value!: number | null;

  @Field(() => Float, {
    nullable: true,
    description:
      'Lower end of its interval of 95 %, by a paired bootstrap: the rows are drawn 1,000 times with replacement. If the interval does not hold 0, other rows of the kind would hardly turn the difference around.',
  })
  low!: number | null;

  @Field(() => Float, { nullable: true, description: 'Upper end of its interval of 95 %.' })
  high!: number | null;

  @Field(() => IncomparableEnum, {
    nullable: true,
    description: 'Why the models can not be compared by this measure; null where they can.',
  })
  incomparable!: Incomparable | null;
}

const lossField = 'Mean −ln p of a predicted token, in nats.';
const perplexityField = 'The exponential of the loss: as many equally probable tokens would be as hard to guess.';
const bitsField =
  'Bits for each byte, in UTF-8, of what is predicted: it compares models with different vocabularies. Of answers that are cut, the bytes of the tokens that are kept count. Null of masked tokens, which are only some of a text.';
const accuracyField = 'Share of the tokens than which no other was more probable, from 0 to 1.';
const countField = 'Tokens that were predicted.';

@ObjectType('TokenBaseline', {
  description: 'What the model that is compared with scores on the same rows.',
  simpleResolvers: true,
})
export class TokenBaselineType {
  @Field(() => BigIntScalar, { description: countField })
  tokenCount!: number;

  @Field(() => Float, { description: lossField })
  loss!: number;

  @Field(() => Float, { description: perplexityField })
  perplexity!: number;

  @Field(() => Float, { nullable: true, description: bitsField })
  bitsPerByte!: number | null;

  @Field(() => Float, { description: accuracyField })
  tokenAccuracy!: number;

  @Field(() => [TokenDifferenceType], { description: 'All measures: loss, perplexity, bits a byte and accuracy.' })
  differences!: readonly TokenDifferenceType[];
}

@ObjectType('TokenScores', {
  description: "Scores of a model's own predictions of tokens, by no head; the task is called `tokens`.",
  implements: HeadScoresType,
  simpleResolvers: true,
})
export class TokenScoresType extends HeadScoresType {
  @Field(() => BigIntScalar, { description: countField })
  tokenCount!: number;

  @Field(() => Float, { description: perplexityField })
  perplexity!: number;

  @Field(() => Float, { nullable: true, description: bitsField })
  bitsPerByte!: number | null;

  @Field(() => Float, { description: accuracyField })
  tokenAccuracy!: number;

  @Field(() => BigIntScalar, {
    description: 'Conversations that were cut to `maxLength`; of texts, those that were divided, of which all is read.',
  })
  truncatedCount!: number;

  @Field(() => BigIntScalar, {
    description: 'Rows without a token to predict: without a text, or conversations that can not be read.',
  })
  leftOutCount!: number;

  @Field(() => TokenBaselineType, {
    nullable: true,
    description: 'The scores of `Evaluation.baseline`, and how the model differs; null where none is compared with.',
  })
  baseline!: TokenBaselineType | null;
}

const order = ['loss', 'perplexity', 'bitsPerByte', 'tokenAccuracy'] as const satisfies readonly TokenMeasure[];

export function toTokenScoresType({ baseline, ...scores }: TokenScores): TokenScoresType {
  return Object.assign(new TokenScoresType(), scores, {
    baselines: [],
    unknownLabelCount: 0,
    unknownLabels: [],
    baseline: baseline === null ? null : toTokenBaselineType(baseline),
  });
}

function toTokenBaselineType({
  differences,
  incomparable,
  ...scores
}: NonNullable<TokenScores['baseline']>): TokenBaselineType {
  const all = order.map((measure) =>
    Object.assign(
      new TokenDifferenceType(),
      { measure, value: null, low: null, high: null, incomparable: null },
      differences.find((each) => each.measure === measure),
      { incomparable: incomparable.find((each) => each.measure === measure)?.reason ?? null },
    ),
  );
  return Object.assign(new TokenBaselineType(), scores, { differences: all });
}
