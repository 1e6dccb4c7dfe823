import { Field, ID, InputType } from 'type-graphql';
import { projectSlugOptions } from '../../graphql/project-slug.js';
import { ModelSourceInput } from '../model-import.input.js';

@InputType({ description: 'A model to look into before it is imported: as the input of an import, without a name.' })
export class InspectBaseModelInput {
  @Field(() => String, projectSlugOptions)
  projectSlug!: string;

  @Field(() => ModelSourceInput, { description: 'Where the model would come from.' })
  source!: ModelSourceInput;

  @Field(() => String, {
    nullable: true,
    description: 'The licence that the import would name. Default: the one that the model itself names.',
  })
  licence!: string | null;

  @Field(() => ID, {
    nullable: true,
    description: "For an adapter in PEFT's format: the base model that it is for.",
  })
  adapterBaseModelId!: string | null;

  @Field(() => Boolean, { nullable: true, description: 'Whether the import would take it for a reward model.' })
  isRewardModel!: boolean | null;
}
