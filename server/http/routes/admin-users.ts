/** Ending the right of a person: revoke, disable, enable (contract §7). */
import { DomainError } from '../../domain/errors.ts';
import { toUserId, type UserId } from '../../domain/ids.ts';
import type { Directory } from '../../ports/directory.ts';
import type { Identity } from '../../ports/identity.ts';
import type { Audit } from '../../services/audit.ts';
import { noContent, type Route, route } from '../route.ts';

export function adminUserRoutes({
  identity,
  directory,
  audit,
}: {
  identity: Identity;
  directory: Directory;
  audit: Audit;
}): Route[] {
  const row = (verb: string, summary: string, act: (id: UserId) => Promise<void>): Route =>
    route({
      method: 'POST',
      path: `/admin/users/{id}/${verb}`,
      access: 'admin',
      summary,
      answers: { 204: null },
      problems: ['not-found'],
      async handle({ principal, params }) {
        const [person] = await directory.persons([params.id as string]);
        if (person === null || person === undefined)
          throw new DomainError('not-found', 'Nobody in the directory has this id.');
        await audit.record(principal.userId, `user.${verb}`, { personId: person.id });
        await act(toUserId(person.id));
        return noContent;
      },
    });
  return [
    row(
      'revoke',
      'Ends every token of a person issued so far and closes their streams; sign-in stays possible.',
      (id) => identity.revoke(id),
    ),
    row('disable', 'Ends every token of a person and their sign-in.', (id) => identity.setDisabled(id, true)),
    row('enable', 'Lets a disabled person sign in again.', (id) => identity.setDisabled(id, false)),
  ];
}
