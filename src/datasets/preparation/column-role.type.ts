import { Field, InputType, ObjectType, registerEnumType } from 'type-graphql';
import { ColumnRole } from '../../protocol/preparation/column-role.js';

export const ColumnRoleEnum = ColumnRole.enum;

registerEnumType(ColumnRoleEnum, {
  name: 'ColumnRole',
  description: 'What a column of a dataset is for. New values may be added.',
  valuesConfig: {
    TEXT: { description: 'The text that a model reads.' },
    SECOND_TEXT: { description: 'The second text of a pair.' },
    LABEL: { description: 'One class.' },
    LABELS: { description: 'Any number of classes.' },
    NUMBER: { description: 'A number to be predicted.' },
    TOKENS: { description: 'The words of a text, as a list.' },
    TAGS: { description: 'A tag for each word, as a list.' },
    PROMPT: { description: 'What is asked.' },
    COMPLETION: { description: 'What is answered.' },
    MESSAGES: { description: 'A conversation.' },
    CHOSEN: { description: 'The preferred of two answers.' },
    REJECTED: { description: 'The other one.' },
    WEIGHT: { description: 'How much an example counts.' },
    GROUP: { description: 'What belongs together: rows of one group must not come into two splits.' },
    TIME: { description: 'When the example was made.' },
    SLICE: { description: 'A part of the data that is looked at by itself.' },
    IGNORE: { description: 'Nothing: an id, say.' },
  },
});

@InputType('AssignedRoleInput', { description: 'What a column is for.' })
@ObjectType('AssignedRole', { description: 'What a column is for.', simpleResolvers: true })
export class AssignedRoleType {
  @Field(() => String, { description: 'Name of the column.' })
  column!: string;

  @Field(() => ColumnRoleEnum, { description: 'Its role.' })
  role!: ColumnRole;
}
