/**
 * `data-presence` on what a page has already: `<a href="mailto:bob@contoso.example" data-presence>Bob</a>` gets an
 * icon before it, and so does any element that names an address (`data-presence="bob@contoso.example"`). Pages
 * that change are followed; an icon goes with what it stands before.
 */

const marked = '[data-presence]';

/** Upgrades the page and follows it. `makeIcon` gives an icon for an address. */
export function upgradeLinks(page: Document, makeIcon: (address: string) => HTMLElement): void {
  const icons = new Map<Element, HTMLElement>();

  function upgrade(element: Element): void {
    const address = addressOf(element);
    const icon = icons.get(element);
    if (address === '') {
      icon?.remove();
      icons.delete(element);
    } else if (icon !== undefined) {
      icon.setAttribute('address', address);
      // A page that moves its link moves the icon with it, once.
      if (icon.nextElementSibling !== element) element.before(icon);
    } else {
      const made = makeIcon(address);
      made.style.marginInlineEnd = '4px';
      icons.set(element, made);
      element.before(made);
    }
  }
  function upgradeIn(node: Node): void {
    if (!(node instanceof Element)) return;
    if (node.matches(marked)) upgrade(node);
    for (const element of node.querySelectorAll(marked)) upgrade(element);
  }

  upgradeIn(page.documentElement);
  new MutationObserver((changes) => {
    for (const { type, target, addedNodes, removedNodes } of changes) {
      if (type === 'attributes') {
        if (target instanceof Element && (icons.has(target) || target.matches(marked))) upgrade(target);
        continue;
      }
      for (const node of addedNodes) upgradeIn(node);
      if (removedNodes.length === 0) continue;
      for (const [element, icon] of icons) {
        if (element.isConnected) continue;
        icon.remove();
        icons.delete(element);
      }
    }
  }).observe(page.documentElement, {
    childList: true,
    subtree: true,
    attributes: true,
    attributeFilter: ['data-presence', 'href'],
  });
}

/** The address that is named, else that of a `mailto:`, `sip:` or `im:` link; empty where there is none. */
export function addressOf(element: Pick<Element, 'getAttribute'>): string {
  const named = element.getAttribute('data-presence');
  if (named === null) return '';
  if (named.trim() !== '') return named.trim();
  const [, address = ''] =
    /^(?:mailto|sips?|im):([^?;,]+)/i.exec(element.getAttribute('href')?.trim() ?? '') ?? [];
  try {
    return decodeURIComponent(address).trim();
  } catch {
    return '';
  }
}
