import { Arg, Args, Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import type { GraphQLContext } from '../access/context.js';
import { decodeCursor, notACursor, PageArgs, pageComplexity, pageRequest } from '../graphql/connection.js';
import { badArgument, badFilter, badName } from '../graphql/filter-values.js';
import { parseGlobalId } from '../graphql/global-id.js';
import { existing } from '../graphql/load-row.js';
import type { EvaluationScores } from '../protocol/evaluation-scores.js';
import { sha256Hex } from '../protocol/sha256-hex.js';
import { EvaluatedExampleFilter, EvaluatedExampleOrder } from './evaluated-example.input.js';
import { evaluatedExamples, type MissingExamples, MissingExamplesEnum } from './evaluated-example.type.js';
import { type EvaluatedExampleReader, type ExampleSelection, sortedBy } from './evaluated-examples.reads.js';
import type { EvaluationRow } from './evaluation.reads.js';
import { EvaluationType } from './evaluation.type.js';
import { type ContentReader, exampleTypesOf } from './example-contents.js';
import { scoresOf } from './scores.js';

const forms = [/^[0-9a-f]{8}$/, /^-?\d+(\.\d+)?(e[+-]?\d+)?$/, /^\d{1,15}$/];

/** Kinds whose examples are neither right nor wrong. */
const unjudged: Partial<Record<EvaluationScores['kind'], { readonly what: string; readonly why: string }>> = {
  regression: { what: 'a regression', why: 'numbers are neither right nor wrong' },
  tokens: { what: 'tokens', why: 'a text is neither right nor wrong' },
};

@Resolver(() => EvaluationType)
export class EvaluatedExamplesResolver {
  constructor(
    private readonly reader: EvaluatedExampleReader,
    private readonly contents: ContentReader,
  ) {}

  @FieldResolver(() => MissingExamplesEnum, {
    nullable: true,
    description: 'Why there are no examples to list; null when there are.',
  })
  async missingExamples(
    @Root() { uuid }: EvaluationType,
    @Ctx() { loaders }: GraphQLContext,
  ): Promise<MissingExamples | null> {
    return whyMissing(await existing(loaders.evaluations.byId, uuid));
  }

  @FieldResolver(() => evaluatedExamples.Connection, {
    nullable: true,
    complexity: pageComplexity,
    description:
      'What the model said of each row that it was scored on: of one task, wrong and right ones, those furthest from the truth first. Null when nothing is kept of single rows; `missingExamples` says why.',
  })
  async examples(
    @Root() { uuid }: EvaluationType,
    @Args(() => PageArgs) page: PageArgs,
    @Arg('task', () => String, { nullable: true, description: 'The task. Default: the first one of `scores`.' })
    task: string | null,
    @Arg('filter', () => EvaluatedExampleFilter, { nullable: true, description: 'Which ones. Default: all.' })
    filter: EvaluatedExampleFilter | null,
    @Arg('orderBy', () => EvaluatedExampleOrder, {
      nullable: true,
      description: 'Their order. Default: the largest error first.',
    })
    orderBy: EvaluatedExampleOrder | null,
    @Ctx() { loaders }: GraphQLContext,
  ) {
    const evaluation = await existing(loaders.evaluations.byId, uuid);
    const { examplesDigest } = evaluation;
    if (whyMissing(evaluation) !== null || examplesDigest === null) return null;
    const scores = scoresOfTask(evaluation, task ?? null);
    const { field, direction } = orderBy ?? { field: 'ERROR', direction: 'DESC' };
    const notFor = unjudged[scores.kind];
    if (notFor !== undefined) {
      if (field === 'CONFIDENCE') throw badArgument(`\`orderBy.field\` CONFIDENCE is not for ${notFor.what}.`);
      if (filter != null) throw badArgument(`\`filter\` is not for ${notFor.what}: ${notFor.why}.`);
    }
    const { predictedLabel } = filter ?? {};
    const labels = labelsOf(scores);
    if (predictedLabel != null && !labels.includes(predictedLabel)) {
      throw badName('filter.predictedLabel', 'label or tag of the head', predictedLabel, labels);
    }
    const other = (id: string | null | undefined, name: 'rightIn' | 'wrongIn') =>
      id == null ? null : this.otherFile(evaluation, id, name, loaders);
    const selection: ExampleSelection = {
      digest: examplesDigest,
      task: scores.task,
      kind: scores.kind,
      isRight: filter?.isRight ?? null,
      trueLabel: filter?.trueLabel ?? null,
      predictedLabel: predictedLabel ?? null,
      missedLabel: filter?.missedLabel ?? null,
      falseLabel: filter?.falseLabel ?? null,
      rightIn: await other(filter?.rightIn, 'rightIn'),
      wrongIn: await other(filter?.wrongIn, 'wrongIn'),
    };

    const { goes, size, cursor } = pageRequest(page);
    const mark = sha256Hex(JSON.stringify([selection, field, direction])).slice(0, 8);
    const found = await this.reader.page(selection, {
      field,
      direction,
      backwards: goes === 'BACK',
      after: cursor === null ? null : keyOf(cursor, mark),
      limit: size + 1,
    });
    const isMore = found.length > size;
    const shown = goes === 'FORTH' ? found.slice(0, size) : found.slice(0, size).reverse();
    const version = await existing(loaders.datasets.versionById, evaluation.datasetVersionId);
    return evaluatedExamples.toConnection(
      {
        nodes: exampleTypesOf(shown, scores, evaluation, version.digest, this.contents),
        keys: shown.map((example) => [mark, sortedBy(example, field), example.row]),
        hasNextPage: goes === 'FORTH' ? isMore : cursor !== null,
        ...(goes === 'BACK' ? { hasPreviousPage: isMore } : {}),
        count: () => this.reader.count(selection),
      },
      cursor,
    );
  }

  /** The examples of another evaluation of the same split. Throws a GraphQL error BAD_USER_INPUT. */
  private async otherFile(
    evaluation: EvaluationRow,
    id: string,
    field: 'rightIn' | 'wrongIn',
    loaders: GraphQLContext['loaders'],
  ): Promise<string> {
    const parsed = parseGlobalId(id);
    const other = parsed?.type === 'Evaluation' ? await loaders.evaluations.byId.load(parsed.uuid) : null;
    if (
      other === null ||
      other.projectId !== evaluation.projectId ||
      other.datasetVersionId !== evaluation.datasetVersionId ||
      other.split !== evaluation.split
    ) {
      throw badFilter(field, 'is no evaluation of the same dataset version and split');
    }
    if (other.examplesDigest === null) throw badFilter(field, `has no examples: ${whyMissing(other)}`);
    return other.examplesDigest;
  }
}

function whyMissing({ status, examplesDigest, examplesMissing }: EvaluationRow): MissingExamples | null {
  if (status !== 'SUCCEEDED') return 'NOT_SUCCEEDED';
  return examplesDigest === null ? (examplesMissing ?? 'OLDER_THAN_EXAMPLES') : null;
}

/** The labels or tags that a head can predict. */
function labelsOf(scores: EvaluationScores): readonly string[] {
  switch (scores.kind) {
    case 'classification':
      return scores.perClass.map(({ label }) => label);
    case 'multiLabel':
      return scores.perLabel.map(({ label }) => label);
    case 'tokenClassification':
      return scores.perTag.map(({ label }) => label);
    case 'regression':
    case 'tokens':
    case 'reward':
    case 'preferences':
      return [];
    default:
      return scores satisfies never;
  }
}

function scoresOfTask(evaluation: EvaluationRow, task: string | null): EvaluationScores {
  const all = scoresOf(evaluation.scores);
  const scores = task === null ? all[0] : all.find((each) => each.task === task);
  if (scores !== undefined) return scores;
  const tasks = all.map((each) => each.task);
  throw badName('task', 'task of the evaluation', task ?? '', tasks);
}

function keyOf(cursor: string, mark: string): readonly [number, number] {
  const [ofList, key, row] = decodeCursor(cursor, forms);
  if (ofList !== mark) {
    throw notACursor('The cursor is of another list: leave it out when `task`, `filter` or `orderBy` change.');
  }
  return [Number(key), Number(row)];
}
