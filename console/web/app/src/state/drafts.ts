/** Texts that were typed but not saved, kept by this browser until they are saved or thrown away. */
const PREFIX = "fengsui.draft.";

export function draftOf(name: string): string | null {
  try {
    return localStorage.getItem(PREFIX + name);
  } catch {
    return null;
  }
}

export function keepDraft(name: string, text: string | null): void {
  try {
    if (text === null) localStorage.removeItem(PREFIX + name);
    else localStorage.setItem(PREFIX + name, text);
  } catch {
    // A browser that keeps nothing still edits for this visit.
  }
}
