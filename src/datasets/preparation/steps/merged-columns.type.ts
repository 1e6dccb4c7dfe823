import { Field, InputType, ObjectType } from 'type-graphql';
import type { MergeColumns, RenameColumns } from '../../../protocol/preparation/steps/cleaning.js';

const newName = 'The new name of a column.';
@InputType('ColumnRenamingInput', { description: newName })
@ObjectType('ColumnRenaming', { description: newName, simpleResolvers: true })
export class ColumnRenamingType {
  @Field(() => String, { description: 'The column.' })
  from!: string;

  @Field(() => String, { description: 'Its new name, which no other column may have.' })
  to!: string;
}

const rename = 'Gives columns other names, all at once: two may change theirs.';
@InputType('RenameColumnsInput', { description: rename })
@ObjectType('RenameColumns', { description: rename, simpleResolvers: true })
export class RenameColumnsType implements Omit<RenameColumns, 'kind'> {
  @Field(() => [ColumnRenamingType], { description: 'The columns, each once.' })
  names!: ColumnRenamingType[];
}

const merge = 'Makes a column of texts of several columns. A row without a value in all of them has none in it.';
@InputType('MergeColumnsInput', { description: merge })
@ObjectType('MergeColumns', { description: merge, simpleResolvers: true })
export class MergeColumnsType implements Omit<MergeColumns, 'kind'> {
  @Field(() => [String], { description: 'The columns, of any type. Items of lists stand between spaces.' })
  columns!: string[];

  @Field(() => String, { description: 'The name of the new column.' })
  as!: string;

  @Field(() => String, {
    nullable: true,
    description: 'What stands between two values; missing ones are left out. Null: `template` is given.',
  })
  separator!: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      'A text such as `{title}: {body}`, with the name of each column where its value stands; `{{` and `}}` are braces. Null: `separator` is given.',
  })
  template!: string | null;

  @Field(() => Boolean, { defaultValue: false, description: 'Whether the merged columns are left out afterwards.' })
  dropMerged!: boolean;
}
