import { measuredBy } from '../../../protocol/methods/supervised.js';
import { requestedHead } from '../../heads/request.js';
import type { MethodRequest } from '../request.js';
import { requestTexts } from '../text-columns.js';
import type { NamedSupervised } from './columns.js';

export function requestSupervised(input: NamedSupervised): MethodRequest {
  const path = ['method', 'supervised'];
  const { textColumn } = input;
  const { pairColumn, ...texts } = requestTexts(input, path);
  const { request, problems } = requestedHead(input, path);
  return {
    ...texts,
    heads: [request],
    problems,
    measured: () => (request === null ? null : measuredBy({ head: request })),
    specOf: (base, [head]) => ({ method: 'supervised', ...base, textColumn, pairColumn, head: head! }),
  };
}
