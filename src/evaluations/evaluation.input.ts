import { Field, ID, InputType } from 'type-graphql';
import { PreferenceFormInput } from '../datasets/preferences/preference-form.input.js';
import { type UnknownLabels, UnknownLabelsEnum } from '../datasets/unknown-labels.type.js';
import { idempotencyKey } from '../graphql/idempotency-key.js';
import { projectSlugOptions } from '../graphql/project-slug.js';
import { PreferenceReadingInput } from './preference-reading.input.js';
import { TokenEvaluationInput } from './token-evaluation.input.js';

const modelIdOptions = {
  nullable: true,
  description: 'The model, which needs a head. Left out where `alias` is given.',
} as const;
const aliasOptions = {
  nullable: true,
  description: 'In place of `modelId`: an alias in the project of `projectSlug`; the model that it stands for now.',
} as const;

@InputType({
  description:
    'A head to score, and the columns to score it against. Default: the columns that the head learnt from, if the model came out of an experiment and the version has them; else the only column with the role that fits the head: LABEL, LABELS, NUMBER or TAGS.',
})
export class EvaluationTaskInput {
  @Field(() => String, { description: 'Name of a head of the model.' })
  task!: string;

  @Field(() => String, {
    nullable: true,
    description:
      'Column of the true labels: short for `targetColumns` with this one column. Give at most one of the two fields.',
  })
  labelColumn!: string | null;

  @Field(() => [String], {
    nullable: true,
    description:
      'Columns of the true values: one column of labels, of lists of labels or of lists of tags; for a regression one column of numbers for each output of the head, in their order.',
  })
  targetColumns!: string[] | null;
}

@InputType({ description: 'A model to score, and on what.' })
export class EvaluateInput {
  @Field(() => ID, {
    nullable: true,
    description:
      'The model: with heads, or for `tokens` and `preferenceReading` a language model. Left out where `alias` is given.',
  })
  modelId?: string | null;

  @Field(() => String, aliasOptions)
  alias?: string | null;

  @Field(() => String, projectSlugOptions)
  projectSlug?: string | null;

  @Field(() => ID, { description: 'The dataset version to score on, of the same project.' })
  datasetVersionId!: string;

  @Field(() => String, { defaultValue: 'test', description: 'The split to score on.' })
  split!: string;

  @Field(() => String, {
    nullable: true,
    description:
      'Column of the texts, or of lists of words, which are joined by spaces. Default: the column that the model was trained on, if it came out of an experiment and the version has it; else the column with the role TEXT or TOKENS.',
  })
  textColumn!: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      'Column of the second texts, for a model trained on pairs. Rows without one are left out. Default: the column that the model was trained on, if the version has it, else, of a model trained on pairs, the column with the role SECOND_TEXT; it is needed for a model that an experiment trained on pairs, and refused for one that it trained on single texts. Models from elsewhere read single texts by default.',
  })
  textPairColumn!: string | null;

  @Field(() => [EvaluationTaskInput], {
    nullable: true,
    description: 'The heads to score, at least one. Left out where `tokens` is given. Default: all heads.',
  })
  tasks?: EvaluationTaskInput[] | null;

  @Field(() => TokenEvaluationInput, {
    nullable: true,
    description:
      "In place of `tasks`: scores the model's own predictions of tokens, for language models. `{}` is enough for one that an experiment trained.",
  })
  tokens?: TokenEvaluationInput | null;

  @Field(() => PreferenceFormInput, {
    nullable: true,
    description:
      'For reward models and language models, in place of columns and `tasks`: how rows hold judgements; for language models PAIRS or RATED. Default: as in the training, where the version has its columns; else as the roles say it.',
  })
  preference?: PreferenceFormInput | null;

  @Field(() => PreferenceReadingInput, {
    nullable: true,
    description:
      'For language models: how often they prefer the better of two judged answers, by their own probabilities and by the implicit reward against a reference. `preference` alone asks for it with all defaults.',
  })
  preferenceReading?: PreferenceReadingInput | null;

  @Field(() => UnknownLabelsEnum, {
    nullable: true,
    description: 'What becomes of true labels that a head does not know. Default: COUNT.',
  })
  unknownLabels?: UnknownLabels | null;

  @Field(() => String, { nullable: true, description: idempotencyKey })
  idempotencyKey!: string | null;
}

@InputType({ description: 'An evaluation to act on.' })
export class EvaluationActionInput {
  @Field(() => ID, { description: 'The evaluation.' })
  evaluationId!: string;
}

@InputType({ description: 'A model, and the texts to predict for.' })
export class PredictInput {
  @Field(() => ID, modelIdOptions)
  modelId?: string | null;

  @Field(() => String, aliasOptions)
  alias?: string | null;

  @Field(() => String, projectSlugOptions)
  projectSlug?: string | null;

  @Field(() => [String], {
    description:
      'From 1 to 256 texts of at most 100,000 characters each; an empty one, or one of white space alone, is EMPTY_TEXT.',
  })
  texts!: string[];

  @Field(() => [String], {
    nullable: true,
    description:
      'For a model trained on pairs: the second text of each, as many as texts; for a reward model the answers, with `texts` as their prompts; they alone may be empty. Needed for a model that an experiment trained on pairs, and refused for one that it trained on single texts. Default for models from elsewhere: single texts.',
  })
  pairs!: string[] | null;
}
