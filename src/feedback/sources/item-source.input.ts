import { Extensions, Field, ID, InputType, Int, registerEnumType } from 'type-graphql';
import { GenerationWeightsEnum, SamplingInput } from '../../generations/generation.input.js';
import { generationLimits } from '../../generations/generation-limits.js';
import { Seed } from '../../graphql/scalars.js';
import { itemSourceLimits as limits, PickRowsBy, RankPairsBy } from '../../protocol/feedback/make-items-job.js';
import type { GenerationSettings } from '../../protocol/generation.js';

export const PickRowsByEnum = { ...PickRowsBy.enum };

registerEnumType(PickRowsByEnum, {
  name: 'PickRowsBy',
  description: 'Which rows are worth asking people about.',
  valuesConfig: {
    ENTROPY: {
      description:
        'Those whose predicted labels have the greatest entropy; of independent labels, the greatest mean entropy.',
    },
    MARGIN: {
      description:
        'Those whose two likeliest labels are nearest to one another; of independent labels, those with the label nearest to 0.5.',
    },
    DIVERSITY: {
      description:
        "Those that cover all rows: each next one is farthest from those before it, by the angle between the vectors of the model's encoder.",
    },
  },
});

export const RankPairsByEnum = { ...RankPairsBy.enum };

registerEnumType(RankPairsByEnum, {
  name: 'RankPairsBy',
  description:
    'Which pairs of answers come first, by the rewards that reward models give both, in deviations from the mean of held-out answers.',
  valuesConfig: {
    GAP_VARIANCE: {
      description:
        'Those about which several reward models differ: with the greatest variance of r_a − r_b over the models. Good for what reward models learn from.',
    },
    SMALLEST_GAP: {
      description:
        'Those that one reward model can hardly tell apart: with the smallest |r_a − r_b|. Good for what reward models learn from.',
    },
    LARGEST_GAP: {
      description:
        'Those of which one reward model says that the answers differ most: with the greatest |r_a − r_b|. Good for what policies learn from directly, as by DPO.',
    },
  },
});

@InputType({ description: 'Reward models that rank the pairs of a comparison.' })
export class RankPairsInput {
  @Field(() => [ID], {
    description: `The reward models: two to ${limits.maxRewardModels} different ones by GAP_VARIANCE, else one. Give different seeds or data to those that are to differ.`,
  })
  rewardModelIds!: string[];

  @Field(() => RankPairsByEnum, { description: 'What of the rewards decides.' })
  by!: RankPairsBy;

  @Field(() => Int, {
    nullable: true,
    description: `How many pairs become items, those that come first, up to ${limits.maxItems}. Default: all, so that the task's random share is drawn from all of them.`,
  })
  keep?: number | null;
}

const rankedBy = {
  nullable: true,
  description:
    'Of a comparison: reward models that say which pairs are worth asking about. It sets the `priority` of items, by which the orders ENSEMBLE_DISAGREEMENT and PREDICTED_GAP go. Default: none.',
} as const;
export const split = { nullable: true, description: 'The split to take rows of. Default: all rows.' } as const;
export const textColumn = {
  nullable: true,
  description: 'The column of the texts. Default: the only column with the role TEXT or TOKENS.',
} as const;
const seed = {
  nullable: true,
  description: 'Draws the rows at random, the same ones with the same seed. Default: the first ones, as they stand.',
} as const;
const exceptTaskIds = {
  nullable: true,
  description: `Tasks, up to ${limits.maxExceptTasks}: rows of the version that their items were made of are left out. Default: none.`,
} as const;
const promptColumn =
  'The column of the prompts: of texts, or of conversations as lists of `{ role, content }`, whose answers at the end are left out. Default: the only column with the role PROMPT or MESSAGES.';

@InputType({ description: 'Rows of a dataset version, one item each.' })
export class RowItemsInput {
  @Field(() => ID, { description: 'The version.' })
  datasetVersionId!: string;

  @Field(() => String, split)
  split?: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      'The column of the texts that the question is about. Default, where no `answerColumns` are given and the question is about a text: the only column with the role TEXT or TOKENS.',
  })
  textColumn?: string | null;

  @Field(() => String, {
    nullable: true,
    description: `${promptColumn} Needed where people write answers; elsewhere, if there is none, items have no prompt.`,
  })
  promptColumn?: string | null;

  @Field(() => [String], {
    nullable: true,
    description:
      'The columns of the answers that are judged: two of a comparison, at least two of a ranking, else one. Default of a comparison: the columns with the roles CHOSEN and REJECTED.',
  })
  answerColumns?: string[] | null;

  @Field(() => Int, { defaultValue: 1000, description: `How many rows at most, from 1 to ${limits.maxRows}.` })
  most!: number;

  @Field(() => Seed, seed)
  seed?: number | null;

  @Field(() => RankPairsInput, rankedBy)
  rankedBy?: RankPairsInput | null;

  @Field(() => [ID], exceptTaskIds)
  exceptTaskIds?: string[] | null;
}

@InputType({ description: 'Rows of a dataset version that a model is unsure of, or that differ most, one item each.' })
export class PredictionItemsInput {
  @Field(() => ID, { description: 'The version.' })
  datasetVersionId!: string;

  @Field(() => String, split)
  split?: string | null;

  @Field(() => String, textColumn)
  textColumn?: string | null;

  @Field(() => ID, {
    nullable: true,
    description: 'The model that predicts, with a head of labels. Left out where `alias` is given.',
  })
  modelId?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'In place of `modelId`: an alias in the project; the model that it stands for now.',
  })
  alias?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'The head. Default: the only head of labels that the model has.',
  })
  task?: string | null;

  @Field(() => Int, {
    nullable: true,
    description: `How many rows to predict for, up to ${limits.maxPool}; \`most\` of them become items. Default: \`most\`.`,
  })
  pool?: number | null;

  @Field(() => PickRowsByEnum, { defaultValue: 'ENTROPY', description: 'Which of them become items.' })
  by!: PickRowsBy;

  @Field(() => Int, { defaultValue: 1000, description: `How many items at most, from 1 to ${limits.maxRows}.` })
  most!: number;

  @Field(() => Seed, seed)
  seed?: number | null;

  @Field(() => [ID], exceptTaskIds)
  exceptTaskIds?: string[] | null;
}

@InputType({ description: 'A model that writes, and how.' })
export class AnswerVariantInput {
  @Field(() => ID, {
    nullable: true,
    description: 'The model, which predicts next tokens. Left out where `alias` is given.',
  })
  modelId?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'In place of `modelId`: an alias in the project; the model that it stands for now.',
  })
  alias?: string | null;

  @Field(() => SamplingInput, {
    nullable: true,
    description:
      'How tokens are chosen. A seed that is left out is drawn. Each variant and prompt has one of its own made of it, which the settings of its answers tell.',
  })
  sampling?: SamplingInput | null;

  @Field(() => Int, {
    defaultValue: generationLimits.defaultTokens,
    description: `Tokens of an answer at most, from 1 to ${generationLimits.maxTokens}.`,
  })
  maxTokens!: number;

  @Field(() => [String], {
    nullable: true,
    description: `Texts before which an answer ends: up to ${generationLimits.maxStops}.`,
  })
  stop?: string[] | null;

  @Field(() => Int, { defaultValue: 1, description: 'Answers to each prompt.' })
  samples!: number;

  @Field(() => GenerationWeightsEnum, {
    defaultValue: GenerationWeightsEnum.FLOAT32,
    description: 'What the weights are held as while the model writes.',
  })
  weights!: GenerationSettings['weights'];
}

@InputType({
  description:
    'What models write to the prompts of a dataset version. A comparison gets pairs of answers, a ranking all different answers to a prompt, any other question one answer an item.',
})
export class GenerationItemsInput {
  @Field(() => ID, { description: 'The version.' })
  datasetVersionId!: string;

  @Field(() => String, split)
  split?: string | null;

  @Field(() => String, {
    nullable: true,
    description: `${promptColumn} If there is none, the only column with the role TEXT.`,
  })
  promptColumn?: string | null;

  @Field(() => Boolean, {
    defaultValue: false,
    description: 'Whether a prompt that is a text is said by a user, for models with a chat template.',
  })
  asConversation!: boolean;

  @Field(() => [AnswerVariantInput], {
    description: `The models, or settings of one, up to ${limits.maxVariants}. Answers to a prompt are at most 20.`,
  })
  variants!: AnswerVariantInput[];

  @Field(() => Int, {
    nullable: true,
    description: 'Of a comparison: how many pairs of each prompt, drawn at random. Default: all.',
  })
  pairsPerPrompt?: number | null;

  @Field(() => Int, { defaultValue: 100, description: `How many prompts at most, from 1 to ${limits.maxRows}.` })
  most!: number;

  @Field(() => Seed, seed)
  seed?: number | null;

  @Field(() => RankPairsInput, rankedBy)
  rankedBy?: RankPairsInput | null;

  @Field(() => [ID], exceptTaskIds)
  exceptTaskIds?: string[] | null;
}

@Extensions({ oneOf: true })
@InputType({ description: 'What the items of a task are made of, by a job: exactly one of the fields.' })
export class FeedbackItemSourceInput {
  @Field(() => RowItemsInput, { nullable: true, description: 'Rows of a dataset version.' })
  rows?: RowItemsInput | null;

  @Field(() => PredictionItemsInput, {
    nullable: true,
    description: 'Rows that a model is unsure of, for questions of labels.',
  })
  predictions?: PredictionItemsInput | null;

  @Field(() => GenerationItemsInput, { nullable: true, description: 'What models write to prompts.' })
  generations?: GenerationItemsInput | null;
}
