import { Field, ID, InputType, Int } from 'type-graphql';
import { ConversationFormInput, LearnedTurnsEnum } from '../datasets/conversations/conversation-form.input.js';
import { UnlearnableRowsEnum } from '../datasets/conversations/unlearnable-rows.type.js';
import { BigIntScalar, DateTime } from '../graphql/scalars.js';
import { MaskingInput } from '../models/masking.input.js';
import { TruncationSideEnum } from '../models/model-settings.type.js';
import { LanguageObjectiveEnum } from '../models/predicted-tokens.type.js';
import type { LearnedTurns } from '../protocol/conversation-form.js';
import type { LanguageObjective } from '../protocol/methods/language-modelling.js';
import type { TokenEvaluation } from '../protocol/token-evaluation.js';

const ofTraining = 'Default: as in the training that the model came out of';

@InputType({
  description:
    'What a language model is to predict: the tokens of `textColumn`, or of the answers of conversations. Of a model that came out of a language modelling or an instruction tuning, everything that is left out is as in that experiment: on its validation split, the scores are those that the run measured last. Both models of a comparison read the same rows, in the same way.',
})
export class TokenEvaluationInput {
  @Field(() => LanguageObjectiveEnum, {
    nullable: true,
    description: 'What is predicted. Default: what the model can, CAUSAL for decoders and MASKED for encoders.',
  })
  objective?: LanguageObjective | null;

  @Field(() => MaskingInput, {
    nullable: true,
    description: `Which tokens are masked; only for MASKED. ${ofTraining}, else 15 % of the tokens.`,
  })
  masking?: MaskingInput | null;

  @Field(() => ConversationFormInput, {
    nullable: true,
    description: `How rows hold conversations, of which answers are predicted; in place of \`textColumn\`. ${ofTraining}, if the version has its columns; else what the roles of the columns say.`,
  })
  conversation?: ConversationFormInput | null;

  @Field(() => LearnedTurnsEnum, {
    nullable: true,
    description: `What of conversations is predicted. ${ofTraining}, else COMPLETIONS.`,
  })
  learned?: LearnedTurns | null;

  @Field(() => String, {
    nullable: true,
    description:
      "A chat template in place of the model's own, in Jinja. The baseline reads conversations as it writes them, too.",
  })
  chatTemplate?: string | null;

  @Field(() => UnlearnableRowsEnum, {
    nullable: true,
    description: `What happens to rows that are no conversation, that the template does not take, or whose answers are cut off. ${ofTraining}, else REFUSE.`,
  })
  unlearnable?: NonNullable<TokenEvaluation['conversations']>['unlearnable'] | null;

  @Field(() => DateTime, {
    nullable: true,
    description: `The present for templates that ask for it (\`strftime_now\`). ${ofTraining}, else now.`,
  })
  templateTime?: Date | null;

  @Field(() => Int, {
    nullable: true,
    description: `Tokens that documents are divided into, and conversations are cut to, 2 to 8192. ${ofTraining}, else 256 of documents and 512 of conversations, or as many as the models read.`,
  })
  maxLength?: number | null;

  @Field(() => TruncationSideEnum, {
    nullable: true,
    description: `Where conversations that are too long are cut. ${ofTraining}, else as the model cuts texts.`,
  })
  truncationSide?: TokenEvaluation['truncationSide'] | null;

  @Field(() => BigIntScalar, {
    nullable: true,
    description: `Seed of the masks, which are the same for both models, and of the samples that intervals come from. ${ofTraining}, else 0.`,
  })
  seed?: number | null;

  @Field(() => ID, {
    nullable: true,
    description:
      'The model to compare with, of the same project. Default: the model that the training started from, if it predicts such tokens; of a model from elsewhere, none.',
  })
  baselineId?: string | null;

  @Field(() => Boolean, {
    defaultValue: false,
    description: 'Compares with no model.',
  })
  withoutBaseline!: boolean;
}
