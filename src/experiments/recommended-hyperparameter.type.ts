import { Field, ObjectType, registerEnumType } from 'type-graphql';
import type { RecommendationSource } from './recommend-hyperparameters.js';

const RecommendationSourceEnum = {
  MEASURED: 'MEASURED',
  PUBLISHED: 'PUBLISHED',
  DATA: 'DATA',
} as const satisfies Record<RecommendationSource, RecommendationSource>;

registerEnumType(RecommendationSourceEnum, {
  name: 'RecommendationSource',
  description: 'Where a recommended value comes from.',
  valuesConfig: {
    MEASURED: { description: "Attune's own trainings on several datasets: docs/methods/defaults.md." },
    PUBLISHED: { description: 'What others measured and published, or is usual: the reason names it.' },
    DATA: { description: 'The lengths and the number of the examples at hand.' },
  },
});

@ObjectType('RecommendedHyperparameter', {
  description: 'A value that a hyperparameter should have for as many and as long examples as these, and why.',
  simpleResolvers: true,
})
export class RecommendedHyperparameterType {
  @Field(() => String, { description: 'Its path in the input below `hyperparameters`, e.g. earlyStopping.patience.' })
  hyperparameter!: string;

  @Field(() => String, { description: 'The value, as the input would have it; `null`: nothing is to be set.' })
  value!: string;

  @Field(() => String, { description: 'Why, a sentence for people, with figures of this plan.' })
  reason!: string;

  @Field(() => RecommendationSourceEnum, { description: 'Where it comes from.' })
  source!: RecommendationSource;

  @Field(() => Boolean, { description: 'Whether the plan has this value already.' })
  isPlanned!: boolean;
}
