/** `<presence-icon>` as our own screens use it: gives the name to the class that only draws. */
import { PresenceIcon } from './presence-icon-element.ts';

export { PresenceIcon };

if (!customElements.get('presence-icon')) customElements.define('presence-icon', PresenceIcon);
