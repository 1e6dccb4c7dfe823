/** The scopes. A field that needs a right names exactly one of them (app/policies.ts). */
export const scopes = ['READ', 'TRAIN', 'ANNOTATE', 'ADMINISTER'] as const;
export type Scope = (typeof scopes)[number];

export const roles = ['OWNER', 'MAINTAINER', 'ANNOTATOR', 'VIEWER'] as const;
export type Role = (typeof roles)[number];

/** A role is a set of scopes; each role here includes the scopes of the next. */
export const scopesOfRole: Readonly<Record<Role, ReadonlySet<Scope>>> = {
  OWNER: new Set(scopes),
  MAINTAINER: new Set(['READ', 'ANNOTATE', 'TRAIN']),
  ANNOTATOR: new Set(['READ', 'ANNOTATE']),
  VIEWER: new Set(['READ']),
};

/** The lowest role that has a scope. */
export const roleFor: Readonly<Record<Scope, Role>> = {
  READ: 'VIEWER',
  ANNOTATE: 'ANNOTATOR',
  TRAIN: 'MAINTAINER',
  ADMINISTER: 'OWNER',
};
