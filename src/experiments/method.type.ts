import { createUnionType, Field, ObjectType, registerEnumType } from 'type-graphql';
import type { ClassWeights } from '../protocol/heads.js';
import type { RunSpec } from '../protocol/methods/index.js';

export const ClassWeightsKindEnum = { NONE: 'none', BALANCED: 'balanced', EXPLICIT: 'explicit' } as const;

registerEnumType(ClassWeightsKindEnum, {
  name: 'ClassWeightsKind',
  description: 'How much an example counts in the loss, by its label.',
  valuesConfig: {
    NONE: { description: 'All the same.' },
    BALANCED: {
      description: 'N / (classes · examples of the label), over the training split: rare labels count more.',
    },
    EXPLICIT: { description: 'As given, label by label; 1 where nothing is given.' },
  },
});

@ObjectType('ClassWeight', { description: 'Weight of one label.', simpleResolvers: true })
export class ClassWeightType {
  @Field(() => String, { description: 'The label.' })
  label!: string;

  @Field(() => Number, { description: "Factor of the loss of this label's examples." })
  weight!: number;
}

@ObjectType('ClassWeights', {
  description: 'How much an example counts in the loss, by its label.',
  simpleResolvers: true,
})
export class ClassWeightsType {
  @Field(() => ClassWeightsKindEnum, { description: 'How the weights come about.' })
  kind!: ClassWeights['kind'];

  @Field(() => [ClassWeightType], { description: 'The weights that were given; empty unless kind is EXPLICIT.' })
  weights!: ClassWeightType[];
}

@ObjectType('SupervisedFineTuning', {
  description: 'Single-label classification: a linear head on the encoder, cross-entropy.',
  simpleResolvers: true,
})
export class SupervisedFineTuningType {
  @Field(() => String, { description: 'Column of the texts.' })
  textColumn!: string;

  @Field(() => String, { nullable: true, description: 'Column of the second texts; null for a task on single texts.' })
  textPairColumn!: string | null;

  @Field(() => String, { description: 'Column of the labels. Also the name of the task.' })
  labelColumn!: string;

  @Field(() => [String], { description: 'The labels, in the order of the logits.' })
  labels!: string[];

  @Field(() => ClassWeightsType, { description: 'How much an example counts, by its label.' })
  classWeights!: ClassWeightsType;
}

@ObjectType('Task', { description: 'One of several classifications that share an encoder.', simpleResolvers: true })
export class TaskType {
  @Field(() => String, { description: 'Part of metric keys, e.g. validation/<name>/f1.' })
  name!: string;

  @Field(() => String, { description: 'Column of its labels. Examples without one are masked in its loss.' })
  labelColumn!: string;

  @Field(() => [String], { description: 'Its labels, in the order of the logits.' })
  labels!: string[];

  @Field(() => Number, { description: 'Weight of its loss; without effect when the weights are learnt.' })
  weight!: number;

  @Field(() => ClassWeightsType, { description: 'How much an example counts, by its label.' })
  classWeights!: ClassWeightsType;
}

export const LossWeightingEnum = { FIXED: 'fixed', UNCERTAINTY: 'uncertainty' } as const;

registerEnumType(LossWeightingEnum, {
  name: 'LossWeighting',
  description: "How the tasks' losses are put together.",
  valuesConfig: {
    FIXED: { description: 'A sum weighted as given.' },
    UNCERTAINTY: {
      description: 'The weights are learnt from homoscedastic uncertainty (Kendall, Gal & Cipolla 2018).',
    },
  },
});

@ObjectType('MultiTaskFineTuning', {
  description: 'Several classifications of the same texts: one shared encoder, one linear head each.',
  simpleResolvers: true,
})
export class MultiTaskFineTuningType {
  @Field(() => String, { description: 'Column of the texts.' })
  textColumn!: string;

  @Field(() => String, { nullable: true, description: 'Column of the second texts; null for a task on single texts.' })
  textPairColumn!: string | null;

  @Field(() => [TaskType], { description: 'At least two.' })
  tasks!: TaskType[];

  @Field(() => LossWeightingEnum, { description: 'How their losses are put together.' })
  lossWeighting!: string;
}

export const TrainingMethod = createUnionType({
  name: 'TrainingMethod',
  description: 'What an experiment trains, by which method.',
  types: () => [SupervisedFineTuningType, MultiTaskFineTuningType] as const,
});

export function toMethodType(spec: RunSpec): SupervisedFineTuningType | MultiTaskFineTuningType {
  switch (spec.method) {
    case 'supervised':
      return Object.assign(new SupervisedFineTuningType(), {
        textColumn: spec.textColumn,
        textPairColumn: spec.pairColumn,
        labelColumn: spec.labelColumn,
        labels: spec.labels,
        classWeights: toClassWeightsType(spec.classWeights),
      });
    case 'multiTask':
      return Object.assign(new MultiTaskFineTuningType(), {
        textColumn: spec.textColumn,
        textPairColumn: spec.pairColumn,
        tasks: spec.tasks.map((task) => ({ ...task, classWeights: toClassWeightsType(task.classWeights) })),
        lossWeighting: spec.lossWeighting,
      });
    default:
      return spec satisfies never;
  }
}

function toClassWeightsType(weights: ClassWeights): ClassWeightsType {
  return { kind: weights.kind, weights: weights.kind === 'explicit' ? weights.weights : [] };
}
