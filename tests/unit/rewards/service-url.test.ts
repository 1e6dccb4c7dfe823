import 'reflect-metadata';
import { expect, test } from 'vitest';
import { localViewer } from '../../../src/access/viewer.js';
import { toRewardSourceType } from '../../../src/rewards/reward-source.type.js';
import { ServiceRewardResolver } from '../../../src/rewards/service-reward.resolver.js';

const projectId = '11111111-1111-4111-8111-111111111111';
const other = '22222222-2222-4222-8222-222222222222';

test("a service's URL is whole for owners of its project alone", () => {
  const rest = { secretNumber: 1, keyCheck: '', timeoutMs: 1_000, retries: 0, batchSize: 1 };
  const seen = (url: string, ...roles: [string, 'OWNER' | 'MAINTAINER'][]) => {
    const type = toRewardSourceType({ kind: 'service', url, projectId, ...rest });
    const viewer = { ...localViewer, administrator: false, roles: new Map(roles) };
    return 'wholeUrl' in type ? new ServiceRewardResolver().url(type, { viewer }) : null;
  };
  const url = 'https://judge.example.org/score?token=secret';
  expect(seen(url, [projectId, 'OWNER'])).toBe(url);
  expect(seen(url, [projectId, 'MAINTAINER'], [other, 'OWNER'])).toBe('https://judge.example.org/score?…');
  expect(seen('https://judge.example.org/score', [projectId, 'MAINTAINER'])).toBe('https://judge.example.org/score');
});
