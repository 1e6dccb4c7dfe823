import { FieldResolver, Resolver, Root } from 'type-graphql';
import { orRefuse } from '../graphql/refuse.js';
import { BaseModelType } from './base-model.type.js';
import type { ChatSources } from './chat-sources.js';

@Resolver(() => BaseModelType)
export class ChatTemplateResolver {
  constructor(private readonly chatSources: ChatSources) {}

  @FieldResolver(() => String, {
    nullable: true,
    description:
      'How the model is talked to: a template in Jinja, as transformers carries it out, from `chat_template.jinja` or `tokenizer_config.json`. Null for a model without one.',
    complexity: 100,
  })
  async chatTemplate(@Root() { files }: BaseModelType): Promise<string | null> {
    return (await orRefuse(this.chatSources.of(files))).template;
  }
}
