import { Field, ID, InputType, Int } from 'type-graphql';
import { maxNotesLength, maxPriority, maxTagLength, maxTags } from './names-and-tags.js';

/** Descriptions of what several inputs take. */
export const tagsDescription = `Words to find it by, at most ${maxTags}, each 1 to ${maxTagLength} characters without line breaks. Spaces around a tag are dropped; one that is given twice counts once.`;
export const notesDescription = `Free text for people, at most ${maxNotesLength} characters.`;
export const priorityDescription = `From -${maxPriority} to ${maxPriority}: of what waits, the highest is trained first; of equal ones, the oldest.`;

@InputType({
  description: 'What to change in what people wrote about an experiment. What is left out stays as it is.',
})
export class UpdateExperimentInput {
  @Field(() => ID, { description: 'The experiment.' })
  experimentId!: string;

  @Field(() => String, {
    nullable: true,
    description: 'Its new name, 1 to 200 characters. Null, as if left out: it stays.',
  })
  name?: string | null;

  @Field(() => [String], {
    nullable: true,
    description: `All of its tags from now on; null: none. ${tagsDescription}`,
  })
  tags?: string[] | null;

  @Field(() => [String], {
    nullable: true,
    description:
      'Tags it gets besides those it has, after `tags` and `removeTags`. Two who add at once both succeed. One it has already stays where it is.',
  })
  addTags?: string[] | null;

  @Field(() => [String], {
    nullable: true,
    description: 'Tags it loses, after `tags` and before `addTags`. One it does not have changes nothing.',
  })
  removeTags?: string[] | null;

  @Field(() => String, { nullable: true, description: `${notesDescription} Null: none.` })
  notes?: string | null;
}

@InputType({ description: 'How urgent an experiment is.' })
export class SetExperimentPriorityInput {
  @Field(() => ID, { description: 'The experiment.' })
  experimentId!: string;

  @Field(() => Int, { description: priorityDescription })
  priority!: number;
}
