/** The connection to Microsoft 365 as a whole: one account, one client, and what is read through it. */
import type { INetworkModule } from '@azure/msal-node';
import type { Clock } from '../../ports/clock.ts';
import type { Delegation, MailboxSource } from '../../ports/mailboxes.ts';
import type { PeopleSource } from '../../ports/people-source.ts';
import { createGraphClient } from './client.ts';
import { createDelegation } from './delegation.ts';
import { createGraphMailboxes } from './mailboxes.ts';
import { createGraphPeople } from './people.ts';
import { createGraphTokens, type GraphAccount } from './tokens.ts';

export interface GraphConnection {
  readonly people: PeopleSource;
  readonly mailboxes: MailboxSource;
  /** Where mailboxes are read in their owners' names; null where the application reads them. */
  readonly delegation: Delegation | null;
}

export function openGraph(
  settings: Omit<GraphAccount, 'resource'> & {
    readonly url: string;
    readonly isDelegated?: boolean;
  },
  parts: {
    readonly clock: Clock;
    readonly onCall?: (outcome: 'answered' | 'throttled' | 'failed') => void;
    readonly networkClient?: INetworkModule;
    readonly chance?: () => number;
  },
): GraphConnection {
  const account = { ...settings, resource: settings.url };
  const token = createGraphTokens(account, parts.networkClient);
  const graph = createGraphClient({ ...parts, url: settings.url, token });
  const people = createGraphPeople(graph);
  const mailboxes = createGraphMailboxes(graph);
  if (settings.isDelegated !== true) return { people, mailboxes, delegation: null };
  const delegation = createDelegation({ ...parts, account, graph });
  return { people, mailboxes: { ...mailboxes, ...delegation.source }, delegation };
}
