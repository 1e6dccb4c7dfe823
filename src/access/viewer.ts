import { type Role, type Scope, scopes, scopesOfRole } from './rights.js';

/** How a viewer proved who they are. */
export type Credential =
  /** No credential: the request comes from the server's own machine, to a server that only this machine can reach. */
  | { readonly kind: 'LOCAL' }
  | {
      readonly kind: 'API_KEY';
      readonly id: string;
      readonly scopes: readonly Scope[];
      /** The only project that the key opens; null: all projects of its user. */
      readonly projectId: string | null;
      readonly expiresAt: Date | null;
    }
  | { readonly kind: 'SESSION'; readonly id: string; readonly expiresAt: Date };

/** Whether a user is a person, or a service account that programs act as. */
export type UserKind = 'PERSON' | 'SERVICE';

/** The user who asks, with their rights. */
export interface Viewer {
  readonly userId: string;
  readonly kind: UserKind;
  readonly name: string;
  readonly email: string | null;
  /** Administrator of the server, who counts as an owner of every project. */
  readonly administrator: boolean;
  readonly roles: ReadonlyMap<string, Role>;
  readonly credential: Credential;
}

/** The user who owns everything that the first start creates; the first migration inserts the row. */
export const ownerUserId = '00000000-0000-4000-8000-000000000001';

/** Whoever works on the server's own machine may do everything. */
export const localViewer: Viewer = {
  userId: ownerUserId,
  kind: 'PERSON',
  name: 'owner',
  email: null,
  administrator: true,
  roles: new Map(),
  credential: { kind: 'LOCAL' },
};

/** The viewer's role in a project, whatever the credential; null: the viewer is no member. */
export function roleIn(viewer: Viewer, projectId: string): Role | null {
  return viewer.administrator ? 'OWNER' : (viewer.roles.get(projectId) ?? null);
}

/**
 * Whether the viewer has a scope in a project: the viewer's role must have it and, if the credential is an API key, the
 * key too.
 */
export function may(viewer: Viewer, scope: Scope, projectId: string): boolean {
  const role = roleIn(viewer, projectId);
  if (role === null || !scopesOfRole[role].has(scope)) return false;
  const { credential } = viewer;
  if (credential.kind !== 'API_KEY') return true;
  return credential.scopes.includes(scope) && (credential.projectId === null || credential.projectId === projectId);
}

/**
 * The only project that the viewer's key opens; null: the credential is not limited to one project. Owners create such
 * keys for other members of their project, so such a key neither shows nor changes what its user has in other projects.
 */
export function onlyProject({ credential }: Viewer): string | null {
  return credential.kind === 'API_KEY' ? credential.projectId : null;
}

/** Whether the viewer may know that a project exists. */
export function maySee(viewer: Viewer, projectId: string): boolean {
  return scopes.some((scope) => may(viewer, scope, projectId));
}

/** Whether the viewer may do things that concern the server as a whole. */
export function mayAdministerServer({ administrator, credential }: Viewer): boolean {
  if (!administrator) return false;
  return credential.kind !== 'API_KEY' || (credential.projectId === null && credential.scopes.includes('ADMINISTER'));
}
