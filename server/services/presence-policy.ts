/** What an administrator decides about presence, as the services take it. */
import { type AggregationPolicy, defaultAggregationPolicy } from '../domain/presence.ts';
import { type DisclosurePolicy, defaultDisclosurePolicy } from '../domain/privacy.ts';
import type { Privacy } from '../protocol/presence.ts';
import { openPrivacy } from './presentity.ts';

export interface PresencePolicy extends AggregationPolicy, DisclosurePolicy {
  readonly appearOffline: boolean;
  /** The mode of everybody who has not chosen one. */
  readonly defaultMode: Privacy['mode'];
}
export const defaultPresencePolicy: PresencePolicy = {
  ...defaultAggregationPolicy,
  ...defaultDisclosurePolicy,
  appearOffline: true,
  defaultMode: 'open',
};

/** What holds for who has chosen nothing; one object per mode, so that it is known by identity. */
export const privacyOf = (mode: Privacy['mode']): Privacy =>
  mode === 'open' ? openPrivacy : Object.freeze({ mode, hideActivity: false, hideLastActive: false });
