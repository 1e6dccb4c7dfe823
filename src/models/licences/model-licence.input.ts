import { Field, ID, InputType } from 'type-graphql';

@InputType({ description: "What a model's licence is." })
export class SetModelLicenceInput {
  @Field(() => ID, { description: 'The model.' })
  modelId!: string;

  @Field(() => String, {
    nullable: true,
    description:
      'The licence: an SPDX expression where there is one, 1 to 200 characters. Null or left out: the one that the model came with.',
  })
  licence?: string | null;
}
