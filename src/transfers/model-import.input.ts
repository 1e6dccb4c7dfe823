import { Extensions, Field, ID, InputType } from 'type-graphql';
import { idempotencyKey } from '../graphql/idempotency-key.js';
import { projectSlugOptions } from '../graphql/project-slug.js';
import { ConfigurationSourceInput } from './configuration-source.input.js';
import { FolderSourceInput, HubSourceInput } from './file-source.input.js';

@Extensions({ oneOf: true })
@InputType({ description: 'Where the model comes from: exactly one of the fields.' })
export class ModelSourceInput {
  @Field(() => FolderSourceInput, { nullable: true, description: "A folder on the worker's machine." })
  folder?: FolderSourceInput | null;

  @Field(() => HubSourceInput, { nullable: true, description: 'A repository of a model hub.' })
  hub?: HubSourceInput | null;

  @Field(() => ConfigurationSourceInput, {
    nullable: true,
    description: 'Nothing: the model is made of a configuration and a seed, and trained from there.',
  })
  configuration?: ConfigurationSourceInput | null;
}

@InputType({ description: 'A model to import.' })
export class ImportBaseModelInput {
  @Field(() => String, projectSlugOptions)
  projectSlug!: string;

  @Field(() => String, {
    description: "The name that the model will have: unique among the project's models, 1 to 200 characters.",
  })
  name!: string;

  @Field(() => ModelSourceInput, { description: 'Where the model comes from.' })
  source!: ModelSourceInput;

  @Field(() => String, {
    nullable: true,
    description:
      'Licence of the weights, an SPDX identifier where there is one. Default: the licence that the model itself names.',
  })
  licence!: string | null;

  @Field(() => ID, {
    nullable: true,
    description:
      "For an adapter in PEFT's format: the base model that the adapter is for. Default: a whole model is imported.",
  })
  adapterBaseModelId!: string | null;

  @Field(() => Boolean, {
    nullable: true,
    description:
      "Whether the one number that the model gives says how good an answer is, which the files of TRL's reward models do not tell. Default: what the files say.",
  })
  isRewardModel!: boolean | null;

  @Field(() => String, { nullable: true, description: idempotencyKey })
  idempotencyKey!: string | null;
}

@InputType({ description: 'An import to act on.' })
export class ModelImportActionInput {
  @Field(() => ID, { description: 'The import.' })
  importId!: string;
}
