import { Field, Int, ObjectType } from 'type-graphql';
import { TruncationSideEnum } from '../models/model-settings.type.js';
import type { PreferenceEvaluation } from '../protocol/preference-evaluation.js';

@ObjectType('PreferenceReading', {
  description: 'How a language model reads judged answers, with what the input left out.',
  simpleResolvers: true,
})
export class PreferenceReadingType {
  @Field(() => Boolean, { description: 'Whether it is compared with a reference, which `baseline` names.' })
  hasReference!: boolean;

  @Field(() => Number, { description: 'What log-ratios to the reference are multiplied by.' })
  beta!: number;

  @Field(() => Int, { description: 'Tokens that prompts with their answers are cut to.' })
  maxLength!: number;

  @Field(() => TruncationSideEnum, { description: 'Where those that are too long are cut.' })
  truncationSide!: PreferenceEvaluation['truncationSide'];

  @Field(() => String, {
    nullable: true,
    description: "A chat template in place of the model's own; null: the model's own, where it has one.",
  })
  chatTemplate!: string | null;
}

export function toPreferenceReadingType({
  referenceDigest,
  templateTime: _,
  ...reading
}: PreferenceEvaluation): PreferenceReadingType {
  return Object.assign(new PreferenceReadingType(), reading, { hasReference: referenceDigest !== null });
}
