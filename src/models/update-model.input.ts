import { Field, ID, InputType } from 'type-graphql';
import { allTags, newNotes, tagsToAdd, tagsToRemove } from '../organizing/text-fields.js';

@InputType({
  description:
    'What to change in the texts that people wrote about a model. Fields that are left out stay as they are.',
})
export class UpdateModelInput {
  @Field(() => ID, { description: 'The model.' })
  modelId!: string;

  @Field(() => String, {
    nullable: true,
    description: 'The new name, unique in the project, 1 to 200 characters. Null or left out: the name stays.',
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
