/**
 * How the page calls for attention when nobody looks at it: number in the title and on the app's badge, desktop
 * notification, sound. What is allowed is kept per browser; text of messages goes to the system's notification
 * only when somebody has switched that on.
 */

const notifyKey = 'jellybean:notify';
const soundKey = 'jellybean:sound';

export interface Attention {
  showUnread(count: number): void;
  /** Calls for one thing; `open` runs when somebody clicks the notification. `again`: it called before, and does so anew. */
  call(what: { title: string; text: string; tag: string; open(): void; again?: boolean }): void;
  isNotifying(): boolean;
  hasSound(): boolean;
  /** Switches notifications; resolves to whether they are on now (the browser may refuse). */
  setNotifying(on: boolean): Promise<boolean>;
  setSound(on: boolean): void;
}

export function createAttention(title: string, storage: Storage | null): Attention {
  const read = (key: string) => storage?.getItem(key) === 'on';
  const write = (key: string, on: boolean) => storage?.setItem(key, on ? 'on' : 'off');
  const isSupported = 'Notification' in globalThis;
  let audio: AudioContext | null = null;

  function chime(): void {
    audio ??= new AudioContext();
    const start = audio.currentTime;
    for (const [index, frequency] of [660, 880].entries()) {
      const tone = audio.createOscillator();
      const volume = audio.createGain();
      tone.frequency.value = frequency;
      volume.gain.setValueAtTime(0.0001, start + index * 0.12);
      volume.gain.exponentialRampToValueAtTime(0.08, start + index * 0.12 + 0.02);
      volume.gain.exponentialRampToValueAtTime(0.0001, start + index * 0.12 + 0.25);
      tone.connect(volume).connect(audio.destination);
      tone.start(start + index * 0.12);
      tone.stop(start + index * 0.12 + 0.3);
    }
  }

  return {
    showUnread(count) {
      document.title = count > 0 ? `(${count > 99 ? '99+' : count}) ${title}` : title;
      const badge = navigator as { setAppBadge?(count: number): Promise<void> };
      void badge.setAppBadge?.(count).catch(() => {});
    },
    call({ title: heading, text, tag, open, again = false }) {
      if (document.visibilityState === 'visible' && document.hasFocus()) return;
      if (read(soundKey)) chime();
      if (!isSupported || !read(notifyKey) || Notification.permission !== 'granted') return;
      // One of the same tag takes the place of the last in silence, unless it is to be heard again.
      const shown = { body: text, tag, icon: '/icons/jellybean-96.png', renotify: again };
      const note = new Notification(heading, shown);
      note.addEventListener('click', () => {
        window.focus();
        open();
        note.close();
      });
    },
    isNotifying: () => isSupported && read(notifyKey) && Notification.permission === 'granted',
    hasSound: () => read(soundKey),
    async setNotifying(on) {
      const isAllowed = on && isSupported && (await Notification.requestPermission()) === 'granted';
      write(notifyKey, isAllowed);
      return isAllowed;
    },
    setSound(on) {
      write(soundKey, on);
      if (on) chime();
    },
  };
}
