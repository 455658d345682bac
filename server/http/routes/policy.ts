/** What the administrator decides for everybody (contract §7). */
import { policyInputSchema, policySchema } from '../../protocol/policy.ts';
import type { Audit } from '../../services/audit.ts';
import type { PolicyService } from '../../services/policy.ts';
import { ok, type Route, route } from '../route.ts';

export function policyRoutes({
  policy,
  audit,
}: {
  policy: PolicyService;
  audit: Pick<Audit, 'record'>;
}): Route[] {
  return [
    route({
      method: 'GET',
      path: '/admin/policy',
      access: 'admin',
      summary: 'The policy in force: presence, privacy, contacts, watching.',
      answers: { 200: policySchema },
      handle: async ({ principal }) => {
        await audit.record(principal.userId, 'policy.read', {});
        return ok(policy.current());
      },
    }),
    route({
      method: 'PUT',
      path: '/admin/policy',
      access: 'admin',
      limit: 'write',
      summary: 'Changes the policy; what is not named stays. In force at once, and audited.',
      body: policyInputSchema,
      answers: { 200: policySchema },
      handle: async ({ principal, body }) => ok(await policy.put(principal.userId, body)),
    }),
  ];
}
