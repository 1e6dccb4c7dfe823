import { Field, ObjectType } from 'type-graphql';
import { resultUnion } from '../../graphql/problem.type.js';
import type { ExperimentRow } from '../experiment.reads.js';
import { ExperimentType, toExperimentType } from '../experiment.type.js';

@ObjectType('ExperimentComparison', {
  description:
    'Experiments of one project side by side. Every list of values has one value for each experiment, in the order of the request.',
  simpleResolvers: true,
})
export class ExperimentComparisonType {
  projectUuid!: string;
  rows!: readonly ExperimentRow[];

  @Field(() => [ExperimentType], {
    description: 'The experiments in the order of the request. The first is the baseline.',
  })
  experiments!: ExperimentType[];
}

@ObjectType('ExperimentDiff', { description: 'The differences between two experiments.', simpleResolvers: true })
export class ExperimentDiffType {
  projectUuid!: string;
  rows!: readonly ExperimentRow[];

  @Field(() => ExperimentType, { description: 'The other experiment, which has the second value of each setting.' })
  with!: ExperimentType;
}

export const compareExperimentsResult = resultUnion(
  'CompareExperimentsResult',
  'The experiments side by side; or why they can not be compared.',
  ExperimentComparisonType,
);

export function toExperimentComparisonType(rows: readonly ExperimentRow[]): ExperimentComparisonType {
  const { projectId } = rows[0]!;
  return Object.assign(new ExperimentComparisonType(), {
    projectUuid: projectId,
    rows,
    experiments: rows.map(toExperimentType),
  });
}

export function toExperimentDiffType(rows: readonly [ExperimentRow, ExperimentRow]): ExperimentDiffType {
  return Object.assign(new ExperimentDiffType(), {
    projectUuid: rows[0].projectId,
    rows,
    with: toExperimentType(rows[1]),
  });
}
