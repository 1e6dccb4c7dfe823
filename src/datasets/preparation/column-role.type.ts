import { Field, InputType, ObjectType, registerEnumType } from 'type-graphql';
import { RoleSource } from '../../protocol/preparation/assigned-roles.js';
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
    WEIGHT: {
      description: 'How much an example counts. It is kept for other programs: no training of this release uses it.',
    },
    GROUP: { description: 'What belongs together: rows of one group must not come into two splits.' },
    TIME: { description: 'When the example was made.' },
    SLICE: { description: 'A part of the data that is looked at by itself.' },
    IGNORE: { description: 'Nothing: an id, say.' },
  },
});

export const RoleSourceEnum = RoleSource.enum;

registerEnumType(RoleSourceEnum, {
  name: 'RoleSource',
  description: 'How a column has come by its role.',
  valuesConfig: {
    SAID: { description: 'Somebody said it.' },
    GUESSED: { description: 'By its name and its values; `reason` says how.' },
  },
});

@InputType({ description: 'What a column is for.' })
export class AssignedRoleInput {
  @Field(() => String, { description: 'Name of the column.' })
  column!: string;

  @Field(() => ColumnRoleEnum, { description: 'Its role.' })
  role!: ColumnRole;
}

@ObjectType('AssignedRole', { description: 'What a column is for.', simpleResolvers: true })
export class AssignedRoleType {
  @Field(() => String, { description: 'Name of the column.' })
  column!: string;

  @Field(() => ColumnRoleEnum, { description: 'Its role.' })
  role!: ColumnRole;

  @Field(() => RoleSourceEnum, { description: 'How the column has come by it.' })
  source!: RoleSource;

  @Field(() => String, {
    nullable: true,
    description: 'Why it was guessed, in words that follow “because”; null for what was said.',
  })
  reason!: string | null;
}
