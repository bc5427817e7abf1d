/**
 * Buttons that copy a command line.
 */

const SHOWN_MS = 1500;

/** Makes all copy buttons work. Where the browser refuses the clipboard, the line is selected instead. */
export function startCopy(): void {
  for (const button of document.querySelectorAll<HTMLButtonElement>('button.copy')) {
    button.addEventListener('click', () => void copyLine(button));
  }
}

async function copyLine(button: HTMLButtonElement): Promise<void> {
  try {
    await navigator.clipboard.writeText(button.dataset['copy'] ?? '');
    button.textContent = 'Copied';
  } catch {
    const line = button.previousElementSibling;
    if (line !== null) getSelection()?.selectAllChildren(line);
    button.textContent = 'Selected';
  }
  setTimeout(() => {
    button.textContent = 'Copy';
  }, SHOWN_MS);
}
