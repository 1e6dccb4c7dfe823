import { Field, ObjectType } from 'type-graphql';
import { EvaluationType, toEvaluationType } from '../../evaluations/evaluation.type.js';
import { type ScoreMeasure, ScoreMeasureEnum } from '../../evaluations/score-measure.js';
import type { MetricDefinition } from '../../protocol/metric-definition.js';
import { ExperimentType } from '../experiment.type.js';
import { MetricDirectionEnum } from '../metric.type.js';
import type { EvaluationsOfRuns } from './compare-evaluations.js';

@ObjectType('ComparedMeasure', {
  description:
    'A measure of a task in several experiments. Lists have one value for each experiment, in the order of the request.',
  simpleResolvers: true,
})
export class ComparedMeasureType {
  @Field(() => ScoreMeasureEnum, { description: 'Which measure.' })
  measure!: ScoreMeasure;

  @Field(() => MetricDirectionEnum, { description: 'Whether higher or lower values are better.' })
  direction!: MetricDefinition['direction'];

  @Field(() => [Number], {
    nullable: 'items',
    description:
      "The values, in the measure's unit; null where there is no evaluation, or it does not have the measure.",
  })
  values!: readonly (number | null)[];

  @Field(() => [Number], {
    nullable: 'items',
    description:
      'Each value minus the value of the first experiment, the baseline; null where either is missing, and of measures by token where models have different tokenizers: bits a byte compare then.',
  })
  differences!: readonly (number | null)[];

  @Field(() => ExperimentType, {
    description: 'The experiment with the best value; of equal ones, the first. Null where values can not be compared.',
    nullable: true,
  })
  best!: ExperimentType | null;
}

@ObjectType('ComparedTask', { description: 'A task that several models were scored on.', simpleResolvers: true })
export class ComparedTaskType {
  @Field(() => String, {
    description:
      'Name of the task, which is the name of the scored head; `tokens` of predicted tokens, and `preferences` of judged answers.',
  })
  task!: string;

  @Field(() => [String], {
    description:
      'Columns of the targets: one column or, for numbers, one for each output. None of tokens and of judgements.',
  })
  targetColumns!: readonly string[];

  @Field(() => String, {
    description:
      'Column of the true labels; if there are several columns, the first. Empty of tokens and of judgements.',
    deprecationReason: 'Use `targetColumns`: a head may have several.',
  })
  labelColumn!: string;

  @Field(() => [ComparedMeasureType], { description: 'All measures of heads of this kind.' })
  measures!: ComparedMeasureType[];
}

@ObjectType('ComparedEvaluations', {
  description:
    'Evaluations of the models of several experiments on the same split of the same dataset version, with the same texts and the same tasks.',
  simpleResolvers: true,
})
export class ComparedEvaluationsType {
  projectUuid!: string;
  datasetVersionUuid!: string;

  @Field(() => String, { description: 'The split that the models were scored on.' })
  split!: string;

  @Field(() => String, { description: 'Column of the texts.' })
  textColumn!: string;

  @Field(() => String, { nullable: true, description: 'Column of the second texts; null for single texts.' })
  textPairColumn!: string | null;

  @Field(() => [EvaluationType], {
    nullable: 'items',
    description:
      "The newest successful evaluation of each experiment's model, in the order of the request; null where there is none.",
  })
  evaluations!: (EvaluationType | null)[];

  @Field(() => [ComparedTaskType], { description: 'The tasks that were scored.' })
  tasks!: ComparedTaskType[];
}

export function toComparedEvaluationsType(
  { evaluations, tasks }: EvaluationsOfRuns,
  experiments: readonly ExperimentType[],
): ComparedEvaluationsType {
  const asked = evaluations.find((each) => each !== null)!;
  return Object.assign(new ComparedEvaluationsType(), {
    projectUuid: asked.projectId,
    datasetVersionUuid: asked.datasetVersionId,
    split: asked.split,
    textColumn: asked.textColumn,
    textPairColumn: asked.pairColumn,
    evaluations: evaluations.map((each) => (each === null ? null : toEvaluationType(each))),
    tasks: tasks.map(({ measures, ...task }) =>
      Object.assign(new ComparedTaskType(), task, {
        labelColumn: task.targetColumns[0] ?? '',
        measures: measures.map(({ best, ...measure }) =>
          Object.assign(new ComparedMeasureType(), measure, { best: best === null ? null : experiments[best]! }),
        ),
      }),
    ),
  });
}
