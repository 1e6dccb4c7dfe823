import { Field, ObjectType } from 'type-graphql';
import { UnlearnableRowsEnum } from '../../../datasets/conversations/unlearnable-rows.type.js';
import { PreferenceFormType, toPreferenceFormType } from '../../../datasets/preferences/preference-form.type.js';
import { DateTime } from '../../../graphql/scalars.js';
import type { PreferenceOptimizationSpec } from '../../../protocol/methods/index.js';
import { PreferenceObjectiveType, toPreferenceObjectiveType } from './objective.type.js';

@ObjectType('PreferenceOptimization', {
  description: 'Preference optimization: a decoder learns from judged answers which of them are better.',
  simpleResolvers: true,
})
export class PreferenceOptimizationType {
  /** Row id of the reference; null without one, or where it is the base model. */
  referenceUuid!: string | null;

  @Field(() => PreferenceFormType, { description: 'How rows hold judgements.' })
  preference!: PreferenceFormType;

  @Field(() => PreferenceObjectiveType, { description: 'What is learned.' })
  preferenceObjective!: PreferenceObjectiveType;

  @Field(() => Boolean, {
    description:
      'Whether the objective compares with a reference: the base model, unless `referenceModel` names another.',
  })
  hasReference!: boolean;

  @Field(() => String, {
    nullable: true,
    description: "A chat template in place of the model's own; null: the model's own, where it has one.",
  })
  chatTemplate!: string | null;

  @Field(() => UnlearnableRowsEnum, { description: 'What happens to rows that can not be learned.' })
  unlearnable!: PreferenceOptimizationSpec['unlearnable'];

  @Field(() => DateTime, { description: 'The present for templates that ask for it.' })
  templateTime!: Date;
}

/** @param referenceUuid row id of the reference; null without one, or where it is the base model */
export function toPreferenceOptimizationType(
  spec: PreferenceOptimizationSpec,
  referenceUuid: string | null,
): PreferenceOptimizationType {
  const { preference, objective, chatTemplate, unlearnable, templateTime, referenceDigest } = spec;
  return Object.assign(new PreferenceOptimizationType(), {
    referenceUuid,
    preference: toPreferenceFormType(preference),
    preferenceObjective: toPreferenceObjectiveType(objective),
    hasReference: referenceDigest !== null,
    chatTemplate,
    unlearnable,
    templateTime: new Date(templateTime),
  });
}
