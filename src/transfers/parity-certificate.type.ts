import { Field, Float, ObjectType, registerEnumType } from 'type-graphql';
import { BigIntScalar, Sha256Scalar } from '../graphql/scalars.js';
import type {
  CheckedTexts,
  ParityCertificate,
  ParityCheck,
  ParityOutput,
  ParityPrecision,
  ParityRunner,
} from '../protocol/parity-certificate.js';

const CheckedTextsEnum = {
  TEST_SPLIT: 'testSplit',
  VALIDATION_SPLIT: 'validationSplit',
  HELD_OUT_PART: 'heldOutPart',
  BROUGHT_ALONG: 'broughtAlong',
  DRAWN_TOKENS: 'drawnTokens',
} as const satisfies Record<string, CheckedTexts>;

registerEnumType(CheckedTextsEnum, {
  name: 'CheckedTexts',
  description: 'Which texts an export was checked on. New kinds may be added.',
  valuesConfig: {
    TEST_SPLIT: {
      description: 'Rows of the split `test` of the dataset version that the model’s experiment learned from.',
    },
    VALIDATION_SPLIT: { description: 'Rows of the validation split of the model’s experiment.' },
    HELD_OUT_PART: { description: 'Rows that the model’s experiment held out of its training split.' },
    BROUGHT_ALONG: {
      description:
        'Two dozen texts that Attune brings along, without targets, for a model of no experiment, or whose data are gone.',
    },
    DRAWN_TOKENS: { description: 'Tokens drawn from the vocabulary, where the tokenizer reads none of those texts.' },
  },
});

const ParityRunnerEnum = {
  FRESH_GRAPH: 'freshGraph',
  ONNX_RUNTIME: 'onnxRuntime',
} as const satisfies Record<string, ParityRunner>;

registerEnumType(ParityRunnerEnum, {
  name: 'ParityRunner',
  description: 'What ran the files of an export. New ones may be added.',
  valuesConfig: {
    FRESH_GRAPH: { description: 'A graph made anew from the files alone, as an import of them makes it.' },
    ONNX_RUNTIME: { description: 'A session of ONNX Runtime that knows nothing of Attune.' },
  },
});

const ParityPrecisionEnum = {
  FLOAT32: 'float32',
  FLOAT16: 'float16',
  INT8: 'int8',
  Q8_0: 'q8_0',
} as const satisfies Record<string, ParityPrecision>;

registerEnumType(ParityPrecisionEnum, {
  name: 'ParityPrecision',
  description: 'How the files of an export keep numbers. New ones may be added.',
  valuesConfig: {
    FLOAT32: { description: 'In 32 bits, as the model itself.' },
    FLOAT16: { description: 'Matrices in 16 bits.' },
    INT8: { description: 'Matrices in 8 bits, and products in integers.' },
    Q8_0: { description: 'Matrices in 8 bits, with a scale for each 32 numbers.' },
  },
});

export const MissingCertificateEnum = {
  NOT_ENOUGH_MEMORY: 'NOT_ENOUGH_MEMORY',
  OLDER_RELEASE: 'OLDER_RELEASE',
} as const;
export type MissingCertificate = keyof typeof MissingCertificateEnum;

registerEnumType(MissingCertificateEnum, {
  name: 'MissingCertificate',
  description: 'Why an export that has succeeded has no certificate. New reasons may be added.',
  valuesConfig: {
    NOT_ENOUGH_MEMORY: {
      description:
        'To run the files takes twice the model’s size in memory, and the worker had less. `requireCertificate` lets such an export fail.',
    },
    OLDER_RELEASE: { description: 'A release that ran no exports wrote it.' },
  },
});

@ObjectType('ParityOutput', { description: 'One output of an exported model.', simpleResolvers: true })
export class ParityOutputType {
  @Field(() => String, { description: 'Its name, e.g. “logits of topic”.' })
  name!: string;

  @Field(() => String, { nullable: true, description: 'The task of its head; null for one of no head.' })
  task!: string | null;

  @Field(() => BigIntScalar, { description: 'How many numbers were compared.' })
  count!: number;

  @Field(() => Float, {
    description:
      "The largest difference of a number from the trained model's, over the largest magnitude of the numbers of its row, or over the root mean square of all rows where that is larger.",
  })
  largestDifference!: number;

  @Field(() => BigIntScalar, {
    nullable: true,
    description:
      'How many answers were compared: labels, sets of labels, tags of words, most probable tokens; null for outputs that are numbers alone.',
  })
  answerCount!: number | null;

  @Field(() => BigIntScalar, { nullable: true, description: 'How many of the answers are the same.' })
  sameAnswerCount!: number | null;
}

@ObjectType('ParityScore', {
  description: 'A score of the trained model and of what was exported, on the same rows.',
  simpleResolvers: true,
})
export class ParityScoreType {
  @Field(() => String, { nullable: true, description: 'The task; null for predictions of tokens.' })
  task!: string | null;

  @Field(() => String, {
    description:
      'What is measured, as a path into the scores of a task: accuracy, micro.f1, average.rmse, perplexity …',
  })
  measure!: string;

  @Field(() => Float, { description: "The trained model's." })
  trained!: number;

  @Field(() => Float, { description: "The export's." })
  exported!: number;
}

@ObjectType('ParityCheck', {
  description: 'The check of one file that can be run, or of the files that make one model.',
  simpleResolvers: true,
})
export class ParityCheckType {
  @Field(() => String, { description: 'The file that holds the weights, or the first of several.' })
  file!: string;

  @Field(() => ParityPrecisionEnum, { description: 'How it keeps numbers.' })
  precision!: ParityPrecision;

  @Field(() => ParityRunnerEnum, { description: 'What ran it.' })
  runner!: ParityRunner;

  @Field(() => Float, { description: 'The difference that is allowed; an export beyond it fails.' })
  tolerance!: number;

  @Field(() => Float, { description: 'The largest difference of all outputs: see `ParityOutput.largestDifference`.' })
  largestDifference!: number;

  @Field(() => Float, {
    nullable: true,
    description: 'Share of the answers that are the same, from 0 to 1; null where outputs are numbers alone.',
  })
  sameAnswers!: number | null;

  @Field(() => [ParityOutputType], { description: 'What was compared.' })
  outputs!: ParityOutputType[];

  @Field(() => [ParityScoreType], { description: 'Scores on the rows; empty where these have no targets.' })
  scores!: ParityScoreType[];

  @Field(() => Float, {
    nullable: true,
    description:
      'For a model with an adapter: the largest difference of the export from the base model without it. Null for a model without an adapter: it has no such base.',
  })
  differenceFromBase!: number | null;

  @Field(() => Float, {
    nullable: true,
    description:
      'For a model with an adapter: how much of what the adapter changes in the outputs the export has, 1 for all of it, 0 for none; null where the adapter changes nothing. An export with less than a half fails.',
  })
  adapterShare!: number | null;
}

@ObjectType('ParityCertificate', {
  description:
    'What was found when the files of an export were read back, run by a path of their own, and compared with the trained model on texts that it was not trained on. The file certificate.json of the export holds the same.',
  simpleResolvers: true,
})
export class ParityCertificateType {
  @Field(() => CheckedTextsEnum, { description: 'Which texts they were.' })
  texts!: CheckedTexts;

  @Field(() => Sha256Scalar, {
    nullable: true,
    description: 'Digest of the dataset version that the rows are of; null for texts of no dataset.',
  })
  datasetVersionDigest!: string | null;

  @Field(() => String, { nullable: true, description: 'The split that the rows are of; null for texts of no dataset.' })
  split!: string | null;

  @Field(() => [BigIntScalar], {
    description:
      'Numbers of the rows in the dataset version, or of the texts; a long text may be several rows of tokens, and stand here as often.',
  })
  rows!: number[];

  @Field(() => BigIntScalar, { description: 'Tokens of the rows.' })
  tokenCount!: number;

  @Field(() => [ParityCheckType], { description: 'The checks: one for each model that the files hold.' })
  checks!: ParityCheckType[];
}

/** Null where there is none. */
export function toParityCertificateType(certificate: ParityCertificate | null): ParityCertificateType | null {
  if (certificate?.kind !== 'checked') return null;
  const { texts, datasetDigest, split, rows, tokenCount } = certificate.rows;
  return Object.assign(new ParityCertificateType(), {
    texts,
    datasetVersionDigest: datasetDigest,
    split,
    rows,
    tokenCount,
    checks: certificate.checks.map(toCheckType),
  });
}

function toCheckType({ base, outputs, scores, ...check }: ParityCheck): ParityCheckType {
  return Object.assign(new ParityCheckType(), {
    ...check,
    largestDifference: Math.max(...outputs.map(({ largestDifference }) => largestDifference)),
    sameAnswers: sameAnswers(outputs),
    outputs: outputs.map(({ answers, ...output }) =>
      Object.assign(new ParityOutputType(), {
        ...output,
        answerCount: answers?.count ?? null,
        sameAnswerCount: answers?.same ?? null,
      }),
    ),
    scores: scores.map((score) => Object.assign(new ParityScoreType(), score)),
    differenceFromBase: base?.largestDifference ?? null,
    adapterShare: base?.adapterShare ?? null,
  });
}

function sameAnswers(outputs: readonly ParityOutput[]): number | null {
  const sum = (of: 'count' | 'same') => outputs.reduce((total, { answers }) => total + (answers?.[of] ?? 0), 0);
  return sum('count') === 0 ? null : sum('same') / sum('count');
}
