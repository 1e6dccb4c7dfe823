import { createKeyLoader } from '../database/by-key.js';
import { createChildPageLoader } from '../database/child-pages.js';
import { type ProjectRow, projectsOfServer } from '../projects/project.reads.js';
import type { Query } from '../protocol/sql/query.js';
import { type ApiKeyRow, apiKeysByIds, apiKeysOfProject, apiKeysOfUser } from './api-key.reads.js';
import { type AuditRow, auditOfProject, auditOfServer } from './audit.reads.js';
import { type MemberRow, membersByIds, membersOfProject } from './member.reads.js';
import { type SessionRow, sessionsByIds, sessionsOfUser } from './session.reads.js';
import { type UserRow, usersByIds, usersOfServer } from './user.reads.js';

declare module '../access/context.js' {
  interface Loaders {
    readonly people: ReturnType<typeof createPeopleLoaders>;
  }
}

export function createPeopleLoaders(query: Query) {
  return {
    userById: createKeyLoader<UserRow>(
      (ids) => usersByIds(query, ids),
      (row) => row.id,
    ),
    usersOfServer: createChildPageLoader<UserRow>(query, usersOfServer),
    projectsOfServer: createChildPageLoader<ProjectRow>(query, projectsOfServer),
    memberById: createKeyLoader<MemberRow>(
      (ids) => membersByIds(query, ids),
      (row) => row.id,
    ),
    membersOfProject: createChildPageLoader<MemberRow>(query, membersOfProject),
    apiKeyById: createKeyLoader<ApiKeyRow>(
      (ids) => apiKeysByIds(query, ids),
      (row) => row.id,
    ),
    apiKeysOfUser: createChildPageLoader<ApiKeyRow>(query, apiKeysOfUser),
    apiKeysOfProject: createChildPageLoader<ApiKeyRow>(query, apiKeysOfProject),
    sessionById: createKeyLoader<SessionRow>(
      (ids) => sessionsByIds(query, ids),
      (row) => row.id,
    ),
    sessionsOfUser: createChildPageLoader<SessionRow>(query, sessionsOfUser),
    auditOfProject: createChildPageLoader<AuditRow>(query, auditOfProject),
    auditOfServer: createChildPageLoader<AuditRow>(query, auditOfServer),
  };
}
