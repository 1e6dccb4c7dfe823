import { Arg, Args, Ctx, Extensions, FieldResolver, Int, Resolver, Root } from 'type-graphql';
import type { GraphQLContext } from '../access/context.js';
import { checkRange } from '../graphql/check-range.js';
import { childConnection } from '../graphql/child-connection.js';
import { decodeCursor, maxPageSize, PageArgs, pageComplexity } from '../graphql/connection.js';
import { existing } from '../graphql/load-row.js';
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
    @Arg('split', () => String, { nullable: true, description: 'Only rows of this split.' }) split: string | null,
  ) {
    const first = checkRange('first', page.first, 1, maxPageSize);
    const after = page.after ?? null;
    const afterRow = after === null ? null : Number(decodeCursor(after, [/^\d{1,15}$/])[0]);
    const rows = await this.reader.readExamples({
      digest: version.digest,
      split: split ?? null,
      afterRow,
      limit: first + 1,
    });
    const shown = rows.slice(0, first);
    return examples.toConnection(
      {
        nodes: shown.map((row) => Object.assign(new ExampleType(), row)),
        keys: shown.map((row) => [row.row]),
        hasNextPage: rows.length > first,
        count: async () =>
          split == null ? version.exampleCount : (version.splits.find(({ name }) => name === split)?.exampleCount ?? 0),
      },
      after,
    );
  }

  @FieldResolver(() => rejectedRows.Connection, {
    description:
      'Rows of the file that could not be read, in the order of the file; if there are very many, only the first ones.',
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
