import { Arg, Args, Ctx, Extensions, FieldResolver, Int, Resolver, Root } from 'type-graphql';
import type { GraphQLContext } from '../access/context.js';
import { checkRange } from '../graphql/check-range.js';
import { childConnection } from '../graphql/child-connection.js';
import { decodeCursor, notACursor, PageArgs, pageComplexity, pageRequest } from '../graphql/connection.js';
import { badName } from '../graphql/filter-values.js';
import { existing } from '../graphql/load-row.js';
import { sha256Hex } from '../protocol/sha256-hex.js';
import { DatasetType, ExampleType, examples, RejectedRowType, rejectedRows, toDatasetType } from './dataset.type.js';
import type { ExampleReader } from './dataset-commands.js';
import { ColumnType, DatasetVersionType, LabelCountType } from './dataset-version.type.js';

const maxLabelsShown = 1000;

@Resolver(() => DatasetVersionType)
export class DatasetVersionResolver {
  constructor(private readonly reader: ExampleReader) {}

  @FieldResolver(() => DatasetType, { description: 'The dataset that the version belongs to.' })
  async dataset(@Root() version: DatasetVersionType, @Ctx() { loaders }: GraphQLContext): Promise<DatasetType> {
    return toDatasetType(await existing(loaders.datasets.byId, version.datasetUuid));
  }

  @FieldResolver(() => examples.Connection, {
    description: "The version's rows, in order.",
    complexity: pageComplexity,
  })
  async examples(
    @Root() version: DatasetVersionType,
    @Args(() => PageArgs) page: PageArgs,
    @Arg('split', () => String, { nullable: true, description: 'Only rows of this split, one of `splits`.' }) split:
      | string
      | null,
  ) {
    const ofSplit = split == null ? null : version.splits.find(({ name }) => name === split);
    if (ofSplit === undefined) {
      const names = version.splits.map(({ name }) => name);
      throw badName('split', 'split of the dataset version', split!, names);
    }
    const { goes, size, cursor } = pageRequest(page);
    const mark = sha256Hex(JSON.stringify([version.uuid, split ?? null])).slice(0, 8);
    const row = cursor === null ? null : rowOf(cursor, mark);
    const rows = await this.reader.readExamples({
      digest: version.digest,
      split: split ?? null,
      // Rows are numbered from 0.
      ...(goes === 'BACK' ? { beforeRow: row ?? version.exampleCount } : { afterRow: row }),
      limit: size + 1,
    });
    const shown = goes === 'BACK' ? rows.slice(-size) : rows.slice(0, size);
    const isMore = rows.length > size;
    return examples.toConnection(
      {
        nodes: shown.map((row) => Object.assign(new ExampleType(), row)),
        keys: shown.map((row) => [mark, row.row]),
        hasNextPage: goes === 'BACK' ? cursor !== null : isMore,
        ...(goes === 'BACK' ? { hasPreviousPage: isMore } : {}),
        count: async () => (ofSplit ?? version).exampleCount,
      },
      cursor,
    );
  }

  @FieldResolver(() => rejectedRows.Connection, {
    description:
      'The rows that rejectedCount counts: of the files that the version was made of, then of the versions; of very many, only the first ones.',
    complexity: pageComplexity,
  })
  rejectedRows(
    @Root() version: DatasetVersionType,
    @Args(() => PageArgs) page: PageArgs,
    @Ctx() { loaders }: GraphQLContext,
  ) {
    return childConnection({
      loader: loaders.datasets.rejectedRows,
      parent: version.uuid,
      page,
      toNode: (row) => Object.assign(new RejectedRowType(), row),
      toConnection: rejectedRows.toConnection,
    });
  }
}

/** @param mark of the version and split */
function rowOf(cursor: string, mark: string): number {
  const [ofList, row] = decodeCursor(cursor, [/^[0-9a-f]{8}$/, /^\d{1,15}$/]);
  if (ofList !== mark) throw notACursor('The cursor is of another version or split.');
  return Number(row);
}

@Resolver(() => ColumnType)
export class ColumnResolver {
  @Extensions({ maxPageSize: maxLabelsShown })
  @FieldResolver(() => [LabelCountType], {
    description:
      'The values of the column, or the items of its lists, most frequent first; empty if there are too many different ones to be labels.',
  })
  labels(
    @Root() column: ColumnType,
    @Arg('first', () => Int, {
      defaultValue: 100,
      description: `How many labels to return at most, from 1 to ${maxLabelsShown}.`,
    })
    first: number,
  ): readonly LabelCountType[] {
    return column.allLabels.slice(0, checkRange('first', first, 1, maxLabelsShown));
  }
}
