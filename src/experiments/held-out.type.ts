import { Field, Int, ObjectType } from 'type-graphql';
import { BigIntScalar, Seed } from '../graphql/scalars.js';
import type { HeldOut } from '../protocol/held-out.js';
import { foldReason, heldOutHint, heldOutReason } from './held-out.js';

@ObjectType('HeldOutPart', {
  description:
    'The part of the training split that is held out from training, and measured on, where an experiment has no validation split. The same version and heads always give the same part.',
  simpleResolvers: true,
})
export class HeldOutPartType {
  @Field(() => BigIntScalar, {
    description:
      'How many examples were to be held out: a tenth of the split, or 20 if that is more, but no more than a quarter. The part may miss it by half a group of rows that are kept together.',
  })
  examples!: number;

  @Field(() => Seed, { description: 'Seed of the draw: that of the splits of the dataset version, or 0.' })
  seed!: number;

  @Field(() => [String], {
    description:
      'Columns of labels or tags by which the part is stratified: an example counts by the rarest label that it has, and each label stays in the training part.',
  })
  stratifyBy!: readonly string[];

  @Field(() => [String], { description: 'Rows that are equal in all these columns are in one part.' })
  keepTogether!: readonly string[];

  @Field(() => String, {
    nullable: true,
    description: 'Of an experiment of a cross-validation: the column of the folds. Null otherwise.',
  })
  foldColumn!: string | null;

  @Field(() => Int, {
    nullable: true,
    description: 'Of an experiment of a cross-validation: the fold that is held out. Null otherwise.',
  })
  fold!: number | null;

  @Field(() => String, { description: 'Why the training split is divided, a sentence for people.' })
  reason!: string;

  @Field(() => String, { description: 'What can be done instead, a sentence for people.' })
  hint!: string;
}

export function toHeldOutPartType(heldOut: HeldOut | undefined): HeldOutPartType | null {
  if (heldOut === undefined) return null;
  const { fold, ...part } = heldOut;
  return Object.assign(new HeldOutPartType(), part, {
    foldColumn: fold?.column ?? null,
    fold: fold?.number ?? null,
    reason: fold === undefined ? heldOutReason : foldReason(fold),
    hint: heldOutHint,
  });
}
