import { Field, ID, InputType } from 'type-graphql';
import { allTags, newNotes, tagsToAdd, tagsToRemove } from '../organizing/text-fields.js';

@InputType({
  description:
    'What to change in the texts that people wrote about a dataset. Fields that are left out stay as they are.',
})
export class UpdateDatasetInput {
  @Field(() => ID, { description: 'The dataset.' })
  datasetId!: string;

  @Field(() => String, {
    nullable: true,
    description: 'The new name, unique in the project, 1 to 100 characters. Null or left out: the name stays.',
  })
  name?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'Description of the data and their source, at most 20,000 characters. Null: none.',
  })
  description?: string | null;

  @Field(() => [String], allTags)
  tags?: string[] | null;

  @Field(() => [String], tagsToAdd)
  addTags?: string[] | null;

  @Field(() => [String], tagsToRemove)
  removeTags?: string[] | null;

  @Field(() => String, newNotes)
  notes?: string | null;
}
