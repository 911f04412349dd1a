import { useEffect, useRef } from "react";
import type { Key } from "../i18n";

export interface Binding {
  /** `j`, `Enter`, `g q`, `Ctrl-k`, `?`. */
  keys: string;
  label: Key;
  run(): void;
}

const layers: { bindings: Binding[] }[] = [];
let prefix = "";
let forget: ReturnType<typeof setTimeout> | undefined;

/** All bindings in force, the innermost first; the help dialog lists them. */
export function bindingsNow(): Binding[] {
  const seen = new Set<string>();
  return [...layers]
    .reverse()
    .flatMap((layer) => layer.bindings)
    .filter((binding) => !seen.has(binding.keys) && seen.add(binding.keys));
}

export function nameOf(event: KeyboardEvent): string {
  const control = event.ctrlKey || event.metaKey ? "Ctrl-" : "";
  return control + (event.key.length === 1 && control ? event.key.toLowerCase() : event.key);
}

function typing(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName);
}

/** A key that presses what has the focus belongs to it: Enter on a button is not "open the row". */
function pressing(event: KeyboardEvent): boolean {
  if (event.key !== "Enter" && event.key !== " ") return false;
  return event.target instanceof HTMLElement && event.target.closest("button, a, [role=menuitem], [role=tab]") !== null;
}

function listen(event: KeyboardEvent): void {
  const name = nameOf(event);
  const control = name.startsWith("Ctrl-");
  if (event.altKey || event.isComposing) return;
  if (!control && (typing(event.target) || pressing(event))) return;
  if (!control && document.querySelector(".ant-modal-wrap:not([style*='display: none']), .ant-dropdown:not(.ant-dropdown-hidden)")) return;
  const full = prefix ? `${prefix} ${name}` : name;
  const now = bindingsNow();
  const found = now.find((binding) => binding.keys === full);
  clearTimeout(forget);
  prefix = "";
  if (found) {
    event.preventDefault();
    found.run();
  } else if (now.some((binding) => binding.keys.startsWith(`${name} `))) {
    prefix = name;
    forget = setTimeout(() => (prefix = ""), 1200);
  }
}

/** Bind keys while the component is shown. A later layer hides the same keys of an earlier one. */
export function useKeys(bindings: Binding[], active = true): void {
  const latest = useRef(bindings);
  latest.current = bindings;
  useEffect(() => {
    if (!active) return;
    const layer = {
      get bindings() {
        return latest.current;
      },
    };
    if (layers.length === 0) document.addEventListener("keydown", listen);
    layers.push(layer);
    return () => {
      layers.splice(layers.indexOf(layer), 1);
      if (layers.length === 0) document.removeEventListener("keydown", listen);
    };
  }, [active]);
}

/** Keys of a page that is a list: move, open, search. `at` is −1 before anything is chosen. */
export function listKeys({ at, go, open, search }: { at: number; go(index: number): void; open(): void; search(): void }): Binding[] {
  const down = () => go(at + 1);
  const up = () => go(at < 0 ? 0 : at - 1);
  return [
    { keys: "j", label: "web.keys.down", run: down },
    { keys: "k", label: "web.keys.up", run: up },
    { keys: "]", label: "web.keys.next", run: down },
    { keys: "[", label: "web.keys.previous", run: () => go(at - 1) },
    { keys: "o", label: "web.keys.open", run: open },
    { keys: "Enter", label: "web.keys.open", run: open },
    { keys: "/", label: "web.keys.search", run: search },
  ];
}
