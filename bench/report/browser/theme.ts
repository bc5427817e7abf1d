/**
 * The switch between light, dark and what the system prefers. Nothing is stored: a file from a folder has no place for it.
 */
import { byId } from './element.ts';

const THEMES = ['automatic', 'dark', 'light'] as const;

/** Makes the switch work; `changed` is called when the colours are others, also by the system. */
export function startTheme(changed: () => void): void {
  const button = byId('theme');
  let theme = 0;
  button.addEventListener('click', () => {
    theme = (theme + 1) % THEMES.length;
    const name = THEMES[theme] ?? 'automatic';
    if (name === 'automatic') delete document.documentElement.dataset['theme'];
    else document.documentElement.dataset['theme'] = name;
    button.textContent = `Theme: ${name}`;
    changed();
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', changed);
}
