import { Field, ObjectType, registerEnumType } from 'type-graphql';
import { globalId } from '../graphql/global-id.js';
import { Node } from '../graphql/node.type.js';
import type { Viewer } from './viewer.js';

export const RoleEnum = { OWNER: 'OWNER' } as const;

registerEnumType(RoleEnum, {
  name: 'Role',
  description: 'What a viewer may do.',
  valuesConfig: { OWNER: { description: 'Everything.' } },
});

@ObjectType('Viewer', { description: 'Who is asking.', implements: Node, simpleResolvers: true })
export class ViewerType extends Node {
  @Field(() => String, { description: 'Name to show.' })
  name!: string;

  @Field(() => RoleEnum, { description: 'What this viewer may do.' })
  role!: keyof typeof RoleEnum;
}

export function toViewerType(viewer: Viewer): ViewerType {
  return Object.assign(new ViewerType(), {
    id: globalId('Viewer', viewer.id),
    name: viewer.name,
    role: viewer.role,
  });
}
