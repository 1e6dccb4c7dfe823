import { Field, InputType } from 'type-graphql';

@InputType({
  description:
    "A folder with a model in Hugging Face's layout, as `save_pretrained` of transformers or PEFT writes it.",
})
export class FolderSourceInput {
  @Field(() => String, {
    description: "Absolute path on the worker's machine. The worker may be limited to certain folders.",
  })
  path!: string;
}

@InputType({ description: "A repository of a model hub. The worker's settings name the hub, and hold its token." })
export class HubSourceInput {
  @Field(() => String, { description: 'Name of the repository, e.g. sentence-transformers/all-MiniLM-L6-v2.' })
  repository!: string;

  @Field(() => String, { defaultValue: 'main', description: 'Branch, tag or commit.' })
  revision!: string;
}
