import { setImmediate } from 'node:timers/promises';
import { Arg, Ctx, FieldResolver, ID, Int, Resolver, Root } from 'type-graphql';
import type { GraphQLContext } from '../../access/context.js';
import { ConversationError, createWriting } from '../../conversations/index.js';
import { checkRange } from '../../graphql/check-range.js';
import { parseGlobalId } from '../../graphql/global-id.js';
import { orRefuse, refuse } from '../../graphql/refuse.js';
import { BigIntScalar } from '../../graphql/scalars.js';
import type { BaseModelRow } from '../../models/base-model.reads.js';
import type { ChatSources } from '../../models/chat-sources.js';
import type { Tokenizers } from '../../models/tokenizers.js';
import { problem } from '../../problems/problem.js';
import type { LearnedTurns } from '../../protocol/conversation-form.js';
import { checkSplit } from '../check-columns.js';
import type { ExampleReader } from '../dataset-commands.js';
import { DatasetVersionType } from '../dataset-version.type.js';
import { checkForm } from './check-form.js';
import { ConversationFormInput, LearnedTurnsEnum, toConversationForm } from './conversation-form.input.js';
import { writeRow } from './write-row.js';
import { WrittenConversationType } from './written-conversation.type.js';

const mostRows = 20;
const mostTokens = 4096;
const usualTokens = 1024;
const leastTokens = 4;
/** Of a chat template, for all rows that are shown: about a second in which this process does nothing else. */
const mostSteps = 500_000;

export interface ConversationParts {
  readonly reader: Pick<ExampleReader, 'readExamples'>;
  readonly tokenizers: Tokenizers;
  readonly chatSources: ChatSources;
  /** What chat templates take for the present. */
  readonly now: () => Date;
}

@Resolver(() => DatasetVersionType)
export class ConversationsResolver {
  constructor(private readonly parts: ConversationParts) {}

  @FieldResolver(() => [WrittenConversationType], {
    description:
      'Rows as a model reads them in instruction tuning: the text that its chat template writes, its tokens, and which of them are learned. Rows that can not be learned are shown with what is wrong.',
    complexity: ({ args, childComplexity }: { args: { first?: number }; childComplexity: number }) =>
      500 + Math.min(args.first ?? 5, mostRows) * (20 + childComplexity),
  })
  async conversations(
    @Root() version: DatasetVersionType,
    @Ctx() { loaders }: GraphQLContext,
    @Arg('baseModelId', () => ID, { description: 'The model that reads them, of the same project.' })
    baseModelId: string,
    @Arg('form', () => ConversationFormInput, { description: 'How rows hold conversations.' })
    formInput: ConversationFormInput,
    @Arg('split', () => String, { description: 'The split whose rows are shown.' }) split: string,
    @Arg('learned', () => LearnedTurnsEnum, {
      defaultValue: LearnedTurnsEnum.COMPLETIONS,
      description: 'What of them is learned.',
    })
    learned: LearnedTurns,
    @Arg('chatTemplate', () => String, {
      nullable: true,
      description: "A chat template in place of the model's own, in Jinja. Default: the model's own, where it has one.",
    })
    chatTemplate: string | null,
    @Arg('maxLength', () => Int, {
      nullable: true,
      description: `Tokens to cut to, from ${leastTokens} to ${mostTokens} and the context length. Default: ${usualTokens}, or the context length if that is less.`,
    })
    maxLength: number | null,
    @Arg('first', () => Int, { defaultValue: 5, description: `How many rows, from 1 to ${mostRows}.` }) first: number,
    @Arg('afterRow', () => BigIntScalar, {
      nullable: true,
      description: 'Rows after this one. Default: from the first.',
    })
    afterRow: number | null,
  ): Promise<WrittenConversationType[]> {
    checkRange('first', first, 1, mostRows);
    if (afterRow != null) checkRange('afterRow', Number(afterRow), 0, Number.MAX_SAFE_INTEGER);
    const { manifest } = await this.modelOf(version, baseModelId, loaders);
    const { contextLength, truncationSide } = manifest;
    if (maxLength != null) checkRange('maxLength', maxLength, leastTokens, Math.min(mostTokens, contextLength));
    const form = toConversationForm(formInput);
    refuse([...checkSplit(version, split, ['split']), ...checkForm(version, form, ['form'])]);
    const { reader, tokenizers, chatSources, now } = this.parts;
    const [tokenizer, source, rows] = await Promise.all([
      orRefuse(tokenizers.get(manifest.tokenizer.digest)),
      orRefuse(chatSources.of(manifest.files)),
      reader.readExamples({ digest: version.digest, split, afterRow: afterRow ?? null, limit: first }),
    ]);
    const writing = templateOrRefuse(() =>
      createWriting(tokenizer, source, { template: chatTemplate ?? null, learned, now: now(), totalSteps: mostSteps }),
    );
    const length = maxLength ?? Math.min(usualTokens, contextLength);
    const written: WrittenConversationType[] = [];
    for (const row of rows) {
      written.push(writeRow(row, { form, writing, tokenizer, maxLength: length, truncationSide }));
      await setImmediate();
    }
    return written;
  }

  private async modelOf(
    { projectUuid }: DatasetVersionType,
    baseModelId: string,
    loaders: GraphQLContext['loaders'],
  ): Promise<BaseModelRow> {
    const parsed = parseGlobalId(baseModelId);
    const row = parsed?.type === 'BaseModel' ? await loaders.baseModels.byId.load(parsed.uuid) : null;
    if (row !== null && row.projectId === projectUuid) return row;
    const message = 'There is no base model with this id in the project.';
    refuse([problem(['baseModelId'], 'NOT_FOUND', message)]);
    throw new Error(message);
  }
}

function templateOrRefuse<Result>(make: () => Result): Result {
  try {
    return make();
  } catch (error) {
    if (error instanceof ConversationError) refuse([problem(['chatTemplate'], 'INVALID_VALUE', error.message)]);
    throw error;
  }
}
