import { createKeyLoader, createListLoader } from '../database/by-key.js';
import { createChildPageLoader } from '../database/child-pages.js';
import type { Query } from '../protocol/sql/query.js';
import {
  type AttemptRow,
  attemptsOfDeliveries,
  type DeliveryRow,
  deliveriesByIds,
  deliveriesOfWebhook,
  eventsOfDeliveries,
  type WebhookRow,
  webhooksByIds,
  webhooksOfProject,
} from './webhook.reads.js';

declare module '../access/context.js' {
  interface Loaders {
    readonly webhooks: ReturnType<typeof createWebhookLoaders>;
  }
}

/** How many attempts of a delivery are shown: the latest. A delivery that is sent again repeatedly has more. */
export const shownAttempts = 50;

export function createWebhookLoaders(query: Query) {
  return {
    byId: createKeyLoader<WebhookRow>(
      (ids) => webhooksByIds(query, ids),
      (row) => row.id,
    ),
    deliveryById: createKeyLoader<DeliveryRow>(
      (ids) => deliveriesByIds(query, ids),
      (row) => row.id,
    ),
    ofProject: createChildPageLoader<WebhookRow>(query, webhooksOfProject),
    deliveries: createChildPageLoader<DeliveryRow>(query, deliveriesOfWebhook),
    attempts: createListLoader<AttemptRow>(
      (ids) => attemptsOfDeliveries(query, ids, shownAttempts),
      (row) => row.deliveryId,
    ),
    events: createKeyLoader(
      (ids) => eventsOfDeliveries(query, ids),
      (row) => row.deliveryId,
    ),
  };
}
