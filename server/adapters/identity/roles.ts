/**
 * Roles as claims carry them → roles as this server knows them. What is not in the table gives no right;
 * text in a token never becomes a role by itself.
 */
import { type ApplicationRole, applicationRoles } from '../../ports/identity.ts';

/** The role of administrators, for people and applications. */
export const adminRole = 'admin';

const known: ReadonlySet<string> = new Set([...applicationRoles, adminRole]);

/** Application roles and `Admin` by their own names; `more` maps names of the provider's to ours. */
export function rolesOf(
  claim: unknown,
  more: Readonly<Record<string, readonly string[]>> = {},
): Set<ApplicationRole | typeof adminRole> {
  const given = typeof claim === 'string' ? claim.split(/[\s,]+/) : Array.isArray(claim) ? claim : [];
  const roles = new Set<string>();
  for (const each of given) {
    if (typeof each !== 'string') continue;
    if (each === 'Admin') roles.add(adminRole);
    else if ((applicationRoles as readonly string[]).includes(each)) roles.add(each);
    if (Object.hasOwn(more, each)) for (const role of more[each] ?? []) if (known.has(role)) roles.add(role);
  }
  return roles as Set<ApplicationRole | typeof adminRole>;
}

/** The claim at a dotted path such as `realm_access.roles`; a claim whose name holds dots comes first. */
export function claimAt(claims: Readonly<Record<string, unknown>>, path: string): unknown {
  if (Object.hasOwn(claims, path)) return claims[path];
  let value: unknown = claims;
  for (const key of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  return value;
}
