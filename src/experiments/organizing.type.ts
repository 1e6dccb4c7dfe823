import { Field, ObjectType } from 'type-graphql';
import { resultUnion } from '../graphql/problem.type.js';
import { BigIntScalar } from '../graphql/scalars.js';
import { ExperimentType } from './experiment.type.js';
import type { TagCountRow } from './organizing.reads.js';

@ObjectType('TagCount', { description: 'A tag, and how many experiments have it.', simpleResolvers: true })
export class TagCountType {
  @Field(() => String, { description: 'The tag.' })
  tag!: string;

  @Field(() => BigIntScalar, { description: 'How many experiments of the project have the tag, at least 1.' })
  experimentCount!: number;
}

export function toTagCountType({ tag, experimentCount }: TagCountRow): TagCountType {
  return Object.assign(new TagCountType(), { tag, experimentCount });
}

export const updateExperimentResult = resultUnion(
  'UpdateExperimentResult',
  'The changed experiment; or why nothing was changed.',
  ExperimentType,
);
export const archiveExperimentResult = resultUnion(
  'ArchiveExperimentResult',
  'The archived experiment; or why it was not archived.',
  ExperimentType,
);
export const unarchiveExperimentResult = resultUnion(
  'UnarchiveExperimentResult',
  'The experiment, no longer archived; or why it was not changed.',
  ExperimentType,
);
export const setExperimentPriorityResult = resultUnion(
  'SetExperimentPriorityResult',
  'The experiment with its new priority; or why the priority was not changed.',
  ExperimentType,
);
