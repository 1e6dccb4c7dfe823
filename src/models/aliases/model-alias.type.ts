import { Field, ObjectType } from 'type-graphql';
import { connectionOf } from '../../graphql/connection.js';
import { globalId } from '../../graphql/global-id.js';
import { Node } from '../../graphql/node.type.js';
import { DateTime } from '../../graphql/scalars.js';
import type { ModelAliasMoveRow, ModelAliasRow } from './model-alias.reads.js';

@ObjectType('ModelAlias', {
  description:
    'A name, such as `production`, that stands for one model of the project at a time, and can be moved to another.',
  implements: Node,
  simpleResolvers: true,
})
export class ModelAliasType extends Node {
  uuid!: string;
  projectUuid!: string;
  authorUuid!: string | null;
  modelUuid!: string;

  @Field(() => String, { description: 'Unique in the project.' })
  name!: string;

  @Field(() => DateTime, { description: 'When the alias was set first, since it was last removed.' })
  createdAt!: Date;
}

export const modelAliases = connectionOf('ModelAlias', 'aliases of models', ModelAliasType);

export function toModelAliasType(row: ModelAliasRow): ModelAliasType {
  return Object.assign(new ModelAliasType(), {
    id: globalId('ModelAlias', row.id),
    uuid: row.id,
    projectUuid: row.projectId,
    authorUuid: row.createdBy,
    modelUuid: row.modelId,
    name: row.name,
    createdAt: row.createdAt,
  });
}

@ObjectType('ModelAliasMove', { description: 'A move of an alias from one model to another.', simpleResolvers: true })
export class ModelAliasMoveType {
  movedByUuid!: string | null;
  fromModelUuid!: string | null;
  toModelUuid!: string | null;

  @Field(() => String, { description: 'Name of the alias.' })
  alias!: string;

  @Field(() => DateTime, { description: 'When.' })
  at!: Date;

  @Field(() => String, {
    nullable: true,
    description: 'Name, at that time, of the model that the alias stood for before; null: the alias was new.',
  })
  fromModelName!: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'Name, at that time, of the model that the alias stood for afterwards; null: the alias was removed.',
  })
  toModelName!: string | null;
}

export const modelAliasMoves = connectionOf('ModelAliasMove', 'moves of aliases', ModelAliasMoveType);

export function toModelAliasMoveType(row: ModelAliasMoveRow): ModelAliasMoveType {
  return Object.assign(new ModelAliasMoveType(), {
    movedByUuid: row.movedBy,
    fromModelUuid: row.fromModelId,
    toModelUuid: row.toModelId,
    alias: row.alias,
    at: row.at,
    fromModelName: row.fromModelName,
    toModelName: row.toModelName,
  });
}
