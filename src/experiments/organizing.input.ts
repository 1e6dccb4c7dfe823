import { Field, ID, InputType, Int } from 'type-graphql';
import { allTags, newNotes, tagsToAdd, tagsToRemove } from '../organizing/text-fields.js';
import { maxPriority } from './priority.js';

export const priorityDescription = `From -${maxPriority} to ${maxPriority}: of the waiting experiments, the one with the highest priority is trained first; of equal ones, the oldest.`;

@InputType({
  description:
    'What to change in the texts that people wrote about an experiment. Fields that are left out stay as they are.',
})
export class UpdateExperimentInput {
  @Field(() => ID, { description: 'The experiment.' })
  experimentId!: string;

  @Field(() => String, {
    nullable: true,
    description: 'The new name, 1 to 200 characters. Null or left out: the name stays.',
  })
  name?: string | null;

  @Field(() => [String], allTags)
  tags?: string[] | null;

  @Field(() => [String], tagsToAdd)
  addTags?: string[] | null;

  @Field(() => [String], tagsToRemove)
  removeTags?: string[] | null;

  @Field(() => String, newNotes)
  notes?: string | null;
}

@InputType({ description: 'An experiment, and its new priority.' })
export class SetExperimentPriorityInput {
  @Field(() => ID, { description: 'The experiment.' })
  experimentId!: string;

  @Field(() => Int, { description: priorityDescription })
  priority!: number;
}
