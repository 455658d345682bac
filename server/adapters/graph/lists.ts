/**
 * Groups of Microsoft 365 that have a mail address, by delta query with their members. Security groups without
 * mail are nobody's recipients and are left out. A large group comes in several parts, over several pages.
 */
import { SourceFailure } from '../../domain/source-failure.ts';
import type { ListChange } from '../../ports/people-source.ts';
import type { GraphClient } from './client.ts';
import { type DeltaGroup, groupPageSchema } from './shapes.ts';

const selected = 'id,displayName,mail,proxyAddresses,visibility,members';

export interface ListPage {
  readonly lists: readonly ListChange[];
  readonly next: string | null;
  readonly token: string | null;
}

/** One page; null where the application may not read groups. Throws SourceFailure. */
export async function pageOfLists(graph: GraphClient, from: string | null): Promise<ListPage | null> {
  try {
    const answer = await graph.get(from ?? `/groups/delta?$select=${selected}`, groupPageSchema);
    const next = answer['@odata.nextLink'] ?? null;
    const token = answer['@odata.deltaLink'] ?? null;
    if (next === null && token === null)
      throw new SourceFailure(
        'broken',
        'Microsoft Graph ended a list of groups without a link to go on from.',
      );
    return { lists: answer.value.map(toChange), next, token: next === null ? token : null };
  } catch (error) {
    // People come without this permission as well, and are what matters.
    if (error instanceof SourceFailure && (error.cause as { statusCode?: number })?.statusCode === 403)
      return null;
    throw error;
  }
}

function toChange(group: DeltaGroup): ListChange {
  const id = group.id.toLowerCase();
  if (group['@removed'] != null) return { id, fields: {}, gone: true, added: [], removed: [] };
  const members = group['members@delta'] ?? [];
  const idsOf = (isGone: boolean) =>
    members.filter((one) => (one['@removed'] != null) === isGone).map((one) => one.id.toLowerCase());
  const { displayName, mail, proxyAddresses, visibility } = group;
  const address = mail?.trim().toLowerCase();
  return {
    id,
    fields: {
      ...(displayName ? { displayName: displayName.normalize('NFC') } : {}),
      ...(address ? { address } : {}),
      ...(proxyAddresses == null
        ? {}
        : {
            addresses: proxyAddresses
              .filter((proxy) => /^(smtp|x500):/i.test(proxy))
              .map((proxy) => proxy.slice(proxy.indexOf(':') + 1).toLowerCase()),
          }),
      // Absent where it did not change; null on groups that are no Microsoft 365 groups.
      ...(visibility === undefined ? {} : { isHidden: visibility?.toLowerCase() === 'hiddenmembership' }),
    },
    added: idsOf(false),
    removed: idsOf(true),
  };
}
