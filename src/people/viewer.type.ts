import { Field, ObjectType, registerEnumType } from 'type-graphql';
import { type Role, roles, type Scope, scopes } from '../access/rights.js';
import type { Credential, UserKind, Viewer } from '../access/viewer.js';
import { globalId } from '../graphql/global-id.js';
import { Node } from '../graphql/node.type.js';

export const RoleEnum = Object.fromEntries(roles.map((role) => [role, role])) as { [Each in Role]: Each };

registerEnumType(RoleEnum, {
  name: 'Role',
  description: 'What a member may do in a project. Each role may do all that the next one may.',
  valuesConfig: {
    OWNER: { description: 'Everything, members, keys and the audit log included.' },
    MAINTAINER: { description: 'Add data and models, train, evaluate and export.' },
    ANNOTATOR: { description: 'Read, and give feedback.' },
    VIEWER: { description: 'Read, and use models.' },
  },
});

export const ScopeEnum = Object.fromEntries(scopes.map((scope) => [scope, scope])) as { [Each in Scope]: Each };

registerEnumType(ScopeEnum, {
  name: 'Scope',
  description:
    'A kind of action in a project. A role has some scopes and a key has some; an action needs a scope that both have.',
  valuesConfig: {
    READ: {
      description:
        'See everything in the project except members’ addresses, keys and the audit log; use models. Every key has it.',
    },
    TRAIN: { description: 'Add data and models, train, evaluate and export.' },
    ANNOTATE: { description: 'Give feedback.' },
    ADMINISTER: { description: 'Administer the project: members, keys, settings. See the audit log.' },
  },
});

export const UserKindEnum = { PERSON: 'PERSON', SERVICE: 'SERVICE' } as const satisfies Record<UserKind, UserKind>;

registerEnumType(UserKindEnum, {
  name: 'UserKind',
  description: 'Whether a user is a person or a program.',
  valuesConfig: {
    PERSON: { description: 'A person, who can sign in.' },
    SERVICE: {
      description: 'A service account: programs act as it with its API keys, and nobody signs in as it.',
    },
  },
});

export const CredentialKindEnum = { LOCAL: 'LOCAL', API_KEY: 'API_KEY', SESSION: 'SESSION' } as const satisfies Record<
  Credential['kind'],
  string
>;

registerEnumType(CredentialKindEnum, {
  name: 'CredentialKind',
  description: 'How a viewer proved who they are.',
  valuesConfig: {
    LOCAL: {
      description: 'No credential: the request came from the machine of a server that only its own machine can reach.',
    },
    API_KEY: { description: 'An API key.' },
    SESSION: { description: 'A sign-in.' },
  },
});

@ObjectType('Viewer', { description: 'Who is asking.', implements: Node, simpleResolvers: true })
export class ViewerType extends Node {
  viewer!: Viewer;

  @Field(() => String, { description: 'Name to show.' })
  name!: string;

  @Field(() => UserKindEnum, { description: 'Whether this is a person, or a service account.' })
  kind!: UserKind;

  @Field(() => String, { nullable: true, description: 'E-mail address; null when none is known.' })
  email!: string | null;

  @Field(() => Boolean, { description: 'Whether this is an administrator of the server: an owner of every project.' })
  administrator!: boolean;

  @Field(() => CredentialKindEnum, { description: 'How the viewer proved who they are.' })
  credential!: Credential['kind'];

  @Field(() => RoleEnum, {
    description: 'The highest role that the viewer has in any project; VIEWER without one.',
    deprecationReason: 'Roles are held in projects: ask `Project.viewerRole`.',
  })
  role!: Role;
}

export function toViewerType(viewer: Viewer): ViewerType {
  const held = new Set(viewer.roles.values());
  return Object.assign(new ViewerType(), {
    id: globalId('Viewer', viewer.userId),
    viewer,
    kind: viewer.kind,
    name: viewer.name,
    email: viewer.email,
    administrator: viewer.administrator,
    credential: viewer.credential.kind,
    role: viewer.administrator ? 'OWNER' : (roles.find((role) => held.has(role)) ?? 'VIEWER'),
  });
}
