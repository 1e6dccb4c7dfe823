import { Field, Int, ObjectType } from 'type-graphql';
import { ConllSeparatorEnum, ListItemsEnum } from './file-options.input.js';
import type { ConllOptions, DelimitedOptions, FileOptions, ListColumn } from './file-options.js';

@ObjectType('DelimitedOptions', { description: 'How a CSV or TSV file was read.', simpleResolvers: true })
export class DelimitedOptionsType implements DelimitedOptions {
  @Field(() => Boolean, { description: 'Whether the first line named the columns.' })
  header!: boolean;

  @Field(() => [String], { nullable: true, description: 'Names that were given to the columns; null where none were.' })
  names!: string[] | null;

  @Field(() => String, { nullable: true, description: 'The delimiter that was given; null where none was.' })
  delimiter!: string | null;
}

@ObjectType('ListColumn', { description: 'A column that was read as lists.', simpleResolvers: true })
export class ListColumnType implements ListColumn {
  @Field(() => String, { description: 'Name of the column.' })
  column!: string;

  @Field(() => String, { nullable: true, description: 'What stood between two items; null in JSON Lines.' })
  separator!: string | null;

  @Field(() => ListItemsEnum, { nullable: true, description: 'What the items were to be; null where it was not said.' })
  items!: keyof typeof ListItemsEnum | null;

  @Field(() => Boolean, { description: 'Whether a field with nothing in it is a list without items.' })
  emptyList!: boolean;
}

@ObjectType('ConllColumn', { description: 'A column of a CoNLL file.', simpleResolvers: true })
export class ConllColumnType {
  @Field(() => Int, { description: 'Its number in the file, from 1.' })
  number!: number;

  @Field(() => String, { description: 'Its name in the dataset.' })
  name!: string;
}

@ObjectType('ConllOptions', { description: 'How a CoNLL file was read.', simpleResolvers: true })
export class ConllOptionsType implements ConllOptions {
  @Field(() => [ConllColumnType], { description: 'The columns that were read.' })
  columns!: ConllColumnType[];

  @Field(() => ConllSeparatorEnum, { description: 'What stood between two columns.' })
  separator!: keyof typeof ConllSeparatorEnum;
}

@ObjectType('FileOptions', {
  description: 'How the file of a dataset version was read, beyond its format.',
  simpleResolvers: true,
})
export class FileOptionsType implements FileOptions {
  @Field(() => DelimitedOptionsType, { nullable: true, description: 'For CSV and TSV; null where nothing was said.' })
  delimited!: DelimitedOptionsType | null;

  @Field(() => ConllOptionsType, { nullable: true, description: 'For CoNLL.' })
  conll!: ConllOptionsType | null;

  @Field(() => [ListColumnType], { description: 'Columns that were to hold lists.' })
  listColumns!: ListColumnType[];
}
