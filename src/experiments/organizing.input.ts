import { Field, ID, InputType, Int } from 'type-graphql';
import { maxNotesLength, maxPriority, maxTagLength, maxTags } from './names-and-tags.js';

/** Descriptions that several inputs share. */
export const tagsDescription = `Tags to find the experiment by, at most ${maxTags}, each 1 to ${maxTagLength} characters without line breaks. Spaces around a tag are dropped; a tag that is given twice counts once.`;
export const notesDescription = `Free text for people, at most ${maxNotesLength} characters.`;
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

  @Field(() => [String], {
    nullable: true,
    description: `All tags of the experiment from now on; null: none. ${tagsDescription}`,
  })
  tags?: string[] | null;

  @Field(() => [String], {
    nullable: true,
    description:
      'Tags to add, after `tags` and `removeTags` were applied. Two users who add tags at once both succeed. A tag that the experiment already has stays in its place.',
  })
  addTags?: string[] | null;

  @Field(() => [String], {
    nullable: true,
    description:
      'Tags to remove, after `tags` and before `addTags`. A tag that the experiment does not have is ignored.',
  })
  removeTags?: string[] | null;

  @Field(() => String, { nullable: true, description: `${notesDescription} Null: none.` })
  notes?: string | null;
}

@InputType({ description: 'An experiment, and its new priority.' })
export class SetExperimentPriorityInput {
  @Field(() => ID, { description: 'The experiment.' })
  experimentId!: string;

  @Field(() => Int, { description: priorityDescription })
  priority!: number;
}
