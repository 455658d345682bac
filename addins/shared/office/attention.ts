/** Whether somebody looks at the page: what need not be asked for nobody is not asked. */

export interface Attention {
  isVisible(): boolean;
  /** Calls back when somebody returns to the page. */
  onReturn(listener: () => void): () => void;
}

/** The attention that this page has. */
export function documentAttention(): Attention {
  return {
    isVisible: () => document.visibilityState === 'visible',
    onReturn(listener) {
      const onVisibility = (): void => {
        if (document.visibilityState === 'visible') listener();
      };
      document.addEventListener('visibilitychange', onVisibility);
      addEventListener('focus', listener);
      return () => {
        document.removeEventListener('visibilitychange', onVisibility);
        removeEventListener('focus', listener);
      };
    },
  };
}
