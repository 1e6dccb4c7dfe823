import { Field, ID, InputType } from 'type-graphql';

const expectedModelId =
  'The model that the alias is thought to stand for now. If it stands for another one, or does not exist, nothing is changed. Default: whichever it is.';

@InputType({ description: 'An alias, and the model that it will stand for.' })
export class SetModelAliasInput {
  @Field(() => ID, { description: 'The model. It may be one without a head, by which nothing is predicted (NO_HEAD).' })
  modelId!: string;

  @Field(() => String, {
    description:
      'Name of the alias: 1 to 64 ASCII letters, digits, `.`, `_` and `-`, beginning with a letter or digit. It is created if the project has none of this name.',
  })
  name!: string;

  @Field(() => ID, { nullable: true, description: expectedModelId })
  expectedModelId!: string | null;
}

@InputType({ description: 'An alias to remove.' })
export class RemoveModelAliasInput {
  @Field(() => ID, { description: 'The alias.' })
  aliasId!: string;

  @Field(() => ID, { nullable: true, description: expectedModelId })
  expectedModelId!: string | null;
}
