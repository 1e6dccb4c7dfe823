import { Field, ObjectType } from 'type-graphql';
import { connectionOf } from '../graphql/connection.js';
import { globalId } from '../graphql/global-id.js';
import { Node } from '../graphql/node.type.js';
import { DateTime } from '../graphql/scalars.js';
import type { ProjectRow } from './project.reads.js';

@ObjectType('Project', {
  description: 'A project, which holds datasets, base models, experiments and evaluations.',
  implements: Node,
  simpleResolvers: true,
})
export class ProjectType extends Node {
  /** The row's id, for resolvers; not part of the graph. */
  uuid!: string;
  projectUuid!: string;

  @Field(() => String, {
    description: 'Short name, unique on this server; the project of the first start is `default`.',
  })
  slug!: string;

  @Field(() => String, { description: 'Name to show.' })
  name!: string;

  @Field(() => DateTime, { description: 'When it was created.' })
  createdAt!: Date;
}

export const projects = connectionOf('Project', 'projects', ProjectType);

export function toProjectType(row: ProjectRow): ProjectType {
  return Object.assign(new ProjectType(), {
    id: globalId('Project', row.id),
    uuid: row.id,
    projectUuid: row.id,
    slug: row.slug,
    name: row.name,
    createdAt: row.createdAt,
  });
}
