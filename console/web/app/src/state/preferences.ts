import { useCallback, useSyncExternalStore } from "react";

const listeners = new Set<() => void>();
const PREFIX = "fengsui.";

function read(name: string): string | null {
  try {
    return localStorage.getItem(PREFIX + name);
  } catch {
    return null;
  }
}

/** A small choice of this browser's user (language, theme, columns), kept between visits. */
export function usePreference<T extends string>(name: string, initial: T): [T, (value: T) => void] {
  const value = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => (read(name) as T | null) ?? initial,
  );
  const set = useCallback(
    (next: T) => {
      try {
        localStorage.setItem(PREFIX + name, next);
      } catch {
        // A browser that keeps nothing still works for this visit.
      }
      for (const listener of listeners) listener();
    },
    [name],
  );
  return [value, set];
}
